import type { AddressFamily } from '../net/index.js';
import { countRanges, setContains } from './address-set.js';
import type { AddressSet, Policy } from './types.js';

/** An address, and the rules that match it as a source, ascending. */
export interface SourceSample {
  readonly family: AddressFamily;
  readonly rules: readonly number[];
}

/** Ranges at each end of a set that samples are taken from. */
const SAMPLED_RANGES = 2;
const BITS = { 4: 32n, 6: 128n } as const;

/** The number of ranges of the different sources of a policy. */
export function countSourceRanges(policy: Policy): number {
  return [...sourcesOf(policy)].reduce((sum, set) => sum + countRanges(set), 0);
}

/**
 * Addresses at the edges of the sources of a policy, where most rules match a packet alone. Not every range is
 * examined.
 */
export function sampleSources(policy: Policy): SourceSample[] {
  return ([4, 6] as const).flatMap((family) =>
    [...sampleAddresses(policy, family)].map((address) => {
      const bytes = bytesOf(address, family);
      const holds = new Map([...sourcesOf(policy)].map((set) => [set, setContains(set, family, bytes)]));
      const rules = policy.rules.flatMap(({ match: { source } }, index) =>
        source === undefined || holds.get(source) === true ? [index] : [],
      );
      return { family, rules };
    }),
  );
}

/** The first and the last address of a set; of all addresses without a set. */
export function edgeAddresses(set: AddressSet | undefined, family: AddressFamily): number[][] {
  if (set === undefined) return [0n, (1n << BITS[family]) - 1n].map((address) => bytesOf(address, family));
  const count = countOf(set, family);
  if (count === 0) return [];
  const [[first], [, last]] = [rangeOf(set, family, 0), rangeOf(set, family, count - 1)];
  return [first, last].map((address) => bytesOf(address, family));
}

function sourcesOf(policy: Policy): ReadonlySet<AddressSet> {
  return new Set(policy.rules.flatMap(({ match: { source } }) => (source === undefined ? [] : [source])));
}

function sampleAddresses(policy: Policy, family: AddressFamily): ReadonlySet<bigint> {
  const addresses = new Set([0n]);
  for (const set of sourcesOf(policy)) {
    const count = countOf(set, family);
    for (let range = 0; range < count; range++) {
      if (range >= SAMPLED_RANGES) range = Math.max(range, count - SAMPLED_RANGES);
      const [first, last] = rangeOf(set, family, range);
      for (const address of [first - 1n, first, last, last + 1n])
        if (address >= 0n && address < 1n << BITS[family]) addresses.add(address);
    }
  }
  return addresses;
}

function countOf({ v4, v6 }: AddressSet, family: AddressFamily): number {
  return family === 4 ? v4.length / 2 : v6.length / 4;
}

function rangeOf({ v4, v6 }: AddressSet, family: AddressFamily, range: number): [bigint, bigint] {
  if (family === 4) return [BigInt(v4[2 * range] as number), BigInt(v4[2 * range + 1] as number)];
  const [firstHigh = 0n, firstLow = 0n, lastHigh = 0n, lastLow = 0n] = v6.subarray(4 * range, 4 * range + 4);
  return [(firstHigh << 64n) | firstLow, (lastHigh << 64n) | lastLow];
}

function bytesOf(address: bigint, family: AddressFamily): number[] {
  const count = family === 4 ? 4 : 16;
  return Array.from({ length: count }, (_, i) => Number((address >> BigInt(8 * (count - 1 - i))) & 0xffn));
}
