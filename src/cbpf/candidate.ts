import { AlfError, quote } from '../errors/index.js';
import type { AddressFamily } from '../net/index.js';
import { type AddressSet, formatLocation, type Rule } from '../policy/index.js';
import type { Field } from './field.js';
import {
  isEverything,
  LIMIT32,
  LIMIT128,
  pointRanges,
  portRanges,
  type Range,
  ranges4,
  ranges6,
} from './range.js';

/** What a rule still asks once family, protocol and interface names are settled. */
export interface Candidate<K extends number | bigint> {
  readonly rule: Rule;
  /** Source addresses; `undefined` is everybody. */
  readonly source: readonly Range<K>[] | undefined;
  /** Destination addresses; `undefined` is anywhere. */
  readonly destination: readonly Range<K>[] | undefined;
  /** The other tests: all must hold. */
  readonly numbers: readonly { readonly field: Field; readonly ranges: readonly Range<number>[] }[];
}

/** What is known of all packets before the first one arrives. */
export interface Surroundings {
  /** Interface names and their indexes. */
  readonly ifindexOf: ReadonlyMap<string, number>;
  /** The protocol of the listener. */
  readonly protocol: 'tcp' | 'udp';
}

const PROTOCOL = { tcp: 6, udp: 17 } as const;
const PORTS = 65536;

/** How addresses of one family become ranges of numbers. */
export interface Numbering<K extends number | bigint> {
  readonly family: AddressFamily;
  readonly rangesOf: (set: AddressSet) => Range<K>[];
  readonly zero: K;
  readonly limit: K;
}

/** IPv4 addresses as numbers of 32 bits. */
export const numbering4: Numbering<number> = { family: 4, rangesOf: ranges4, zero: 0, limit: LIMIT32 };
/** IPv6 addresses as numbers of 128 bits. */
export const numbering6: Numbering<bigint> = { family: 6, rangesOf: ranges6, zero: 0n, limit: LIMIT128 };

/**
 * Reduces rules to what is left to ask of a packet of one family on one listener; rules that can never match it
 * are left out.
 *
 * @throws AlfError ALF_RULE for an interface without an index
 */
export function candidatesOf<K extends number | bigint>(
  rules: readonly Rule[],
  numbering: Numbering<K>,
  surroundings: Surroundings,
): Candidate<K>[] {
  return rules.flatMap((rule) => candidateOf(rule, numbering, surroundings) ?? []);
}

function candidateOf<K extends number | bigint>(
  rule: Rule,
  numbering: Numbering<K>,
  { ifindexOf, protocol }: Surroundings,
): Candidate<K> | undefined {
  const { match } = rule;
  const indexes = match.interfaces?.map((name) => indexOf(name, rule, ifindexOf));
  const source = match.source && numbering.rangesOf(match.source);
  const destination = match.destination && numbering.rangesOf(match.destination);
  const numbers = [
    { field: 'interface' as const, ranges: indexes && pointRanges(indexes), limit: LIMIT32 },
    {
      field: 'sourcePort' as const,
      ranges: match.sourcePorts && portRanges(match.sourcePorts),
      limit: PORTS,
    },
    {
      field: 'destinationPort' as const,
      ranges: match.destinationPorts && portRanges(match.destinationPorts),
      limit: PORTS,
    },
  ];
  const empty = [source, destination, ...numbers.map(({ ranges }) => ranges)].some((r) => r?.length === 0);
  if (empty || match.protocols?.includes(PROTOCOL[protocol]) === false) return undefined;
  return {
    rule,
    source: source && isEverything(source, numbering.limit) ? undefined : source,
    destination: destination && isEverything(destination, numbering.limit) ? undefined : destination,
    numbers: numbers.flatMap(({ field, ranges, limit }) =>
      ranges === undefined || isEverything(ranges, limit) ? [] : { field, ranges },
    ),
  };
}

function indexOf(name: string, { location }: Rule, ifindexOf: ReadonlyMap<string, number>): number {
  const index = ifindexOf.get(name);
  if (index === undefined) {
    // Left out instead, a deny rule would let everybody in as soon as the interface appears.
    throw new AlfError('ALF_RULE', `${formatLocation(location)}: there is no interface ${quote(name)}`, {
      hint: 'a classic program holds interface indexes for good: the interface must exist before',
    });
  }
  return index;
}
