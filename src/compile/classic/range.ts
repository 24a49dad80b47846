import type { AddressSet, PortRange } from '../../policy/index.js';
import type { Interval, NodeId } from './graph.js';

/** Numbers from `first` up to but not including `end`. */
export interface Range<K extends number | bigint> {
  readonly first: K;
  readonly end: K;
}

/** One more than the greatest 32-bit number. */
export const LIMIT32 = 2 ** 32;

/** One more than the greatest 128-bit number. */
export const LIMIT128 = 1n << 128n;

const MAPPED_FIRST = 0xffff_0000_0000n;
const MAPPED_END = 0x1_0000_0000_0000n;

/** The ranges of a set that IPv4 packets can match, in ascending order, disjoint. */
export function ranges4(set: AddressSet): Range<number>[] {
  return pairs(set.v4.length / 2, (i) => ({ first: set.v4[i * 2] ?? 0, end: (set.v4[i * 2 + 1] ?? 0) + 1 }));
}

/** What IPv6 packets can match of a set, each list in ascending order, disjoint. */
export interface WideRanges {
  /** IPv6 addresses but `::ffff:0:0/96`. */
  readonly native: readonly Range<bigint>[];
  /** Those in `::ffff:0:0/96`, as the IPv4 addresses that they are. */
  readonly mapped: readonly Range<number>[];
}

/** The ranges of a set that IPv6 packets can match. An IPv6 range that spans mapped addresses says nothing of them. */
export function wideRanges(set: AddressSet): WideRanges {
  const wide = pairs(set.v6.length / 4, (i) => ({
    first: wideNumber(set.v6[i * 4], set.v6[i * 4 + 1]),
    end: wideNumber(set.v6[i * 4 + 2], set.v6[i * 4 + 3]) + 1n,
  }));
  const below = wide.map(({ first, end }) => ({ first, end: end < MAPPED_FIRST ? end : MAPPED_FIRST }));
  const above = wide.map(({ first, end }) => ({ first: first > MAPPED_END ? first : MAPPED_END, end }));
  return { native: [...below, ...above].filter(({ first, end }) => first < end), mapped: ranges4(set) };
}

/** Whether ranges hold every IPv6 address, mapped ones included. */
export function isEveryWide({ native, mapped }: WideRanges): boolean {
  const [below, above] = native;
  return (
    isEverything(mapped, LIMIT32) &&
    native.length === 2 &&
    below?.first === 0n &&
    below.end === MAPPED_FIRST &&
    above?.first === MAPPED_END &&
    above.end === LIMIT128
  );
}

/** Puts mapped addresses into intervals of all others. @param mapped where all of them go */
export function withMapped(intervals: readonly Interval<bigint>[], mapped: NodeId): Interval<bigint>[] {
  const behind = intervals.findLast(({ first }) => first <= MAPPED_END);
  return [
    ...intervals.filter(({ first }) => first < MAPPED_FIRST),
    { first: MAPPED_FIRST, target: mapped },
    ...(behind === undefined ? [] : [{ first: MAPPED_END, target: behind.target }]),
    ...intervals.filter(({ first }) => first > MAPPED_END),
  ];
}

/** Port ranges in ascending order, disjoint. */
export function portRanges(ports: readonly PortRange[]): Range<number>[] {
  return union(ports.map(({ first, last }) => ({ first, end: last + 1 })));
}

/** Single numbers as ranges in ascending order, disjoint. */
export function pointRanges(points: readonly number[]): Range<number>[] {
  return union(points.map((point) => ({ first: point, end: point + 1 })));
}

/** Whether the ranges hold every number below the limit. */
export function isEverything(ranges: readonly Range<number>[], limit: number): boolean {
  const [only] = ranges;
  return ranges.length === 1 && only !== undefined && only.first <= 0 && only.end >= limit;
}

function union(ranges: readonly Range<number>[]): Range<number>[] {
  const result: Range<number>[] = [];
  for (const { first, end } of [...ranges].sort((a, b) => a.first - b.first)) {
    if (end <= first) continue;
    const last = result.at(-1);
    if (last === undefined || first > last.end) result.push({ first, end });
    else result[result.length - 1] = { first: last.first, end: Math.max(last.end, end) };
  }
  return result;
}

function wideNumber(high: bigint | undefined, low: bigint | undefined): bigint {
  return ((high ?? 0n) << 64n) | (low ?? 0n);
}

function pairs<T>(length: number, make: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => make(i));
}
