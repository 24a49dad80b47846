import type { AddressFamily } from '../../src/net/index.js';
import { bitsOf, modelBytes, modelText } from './address-model.js';
import type { Random } from './random.js';

/** A list of addresses, prefixes and ranges as text, and the ends of all of them. */
export interface OverlappingList {
  readonly entries: readonly string[];
  readonly ends: readonly bigint[];
}

/**
 * Draws entries that overlap, nest and touch: many begin where others begin or end. The first address
 * of all is left out: as the source of a packet it means any.
 */
export function overlappingList(random: Random, family: AddressFamily, count: number): OverlappingList {
  const bits = bitsOf(family);
  const most = (1n << bits) - 1n;
  const ends: bigint[] = [1n, most];
  const clamp = (value: bigint) => (value < 1n ? 1n : value > most ? most : value);
  const anywhere = () => {
    let value = 0n;
    for (let i = 0n; i < bits; i += 32n) value = (value << 32n) | BigInt(random.word());
    return value;
  };
  const near = () => clamp(random.chance(0.6) ? random.pick(ends) + BigInt(random.below(5) - 2) : anywhere());
  const entries = Array.from({ length: count }, () => {
    const at = near();
    if (random.chance(0.3)) {
      const last = clamp(at + BigInt(random.below(2 ** random.below(24))));
      ends.push(at, last);
      return at === last ? modelText(family, at) : `${modelText(family, at)}-${modelText(family, last)}`;
    }
    const length = Number(bits) - random.below(random.chance(0.97) ? 20 : Number(bits) - 8);
    const size = 1n << (bits - BigInt(length));
    const first = at - (at % size);
    if (first === 0n) return modelText(family, at);
    ends.push(first, first + size - 1n);
    return `${modelText(family, first)}/${length}`;
  });
  return { entries, ends };
}

/** Addresses at the ends of a list's entries, one beside them, and anywhere; in network order. */
export function probesOf(
  random: Random,
  family: AddressFamily,
  list: OverlappingList,
  count: number,
): number[][] {
  const most = (1n << bitsOf(family)) - 1n;
  return Array.from({ length: count }, () => {
    let value = random.pick(list.ends) + BigInt(random.below(3) - 1);
    if (random.chance(0.5)) value ^= 1n << BigInt(random.below(Number(bitsOf(family))));
    return modelBytes(family, value < 1n ? 1n : value > most ? most : value);
  });
}
