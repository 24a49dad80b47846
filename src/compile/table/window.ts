import type { AddressSet } from '../../policy/index.js';
import { type Edges, edgesOf32, edgesOf128 } from '../../policy/index.js';

/** A stretch of keys, by their first 32 bits, both ends included. */
export interface Window {
  readonly first: number;
  readonly last: number;
}

/** The edges of a set that lie in a window. A stretch that reaches into the window begins with it. */
export function edgesWithin(set: AddressSet, width: 1 | 4, window: Window): Edges {
  return width === 1 ? edges4(set.v4, window) : edges6(set.v6, window);
}

function edges4(ranges: Uint32Array, { first, last }: Window): Edges {
  const from = searchRange(ranges.length / 2, (i) => (ranges[2 * i + 1] ?? 0) >= first);
  const within: number[] = [];
  for (let i = 2 * from; i < ranges.length && (ranges[i] ?? 0) <= last; i += 2) {
    within.push(Math.max(ranges[i] ?? 0, first), Math.min(ranges[i + 1] ?? 0, last));
  }
  return dropEnd(edgesOf32(Uint32Array.from(within)), last);
}

function edges6(ranges: BigUint64Array, { first, last }: Window): Edges {
  const low = BigInt(first) << 32n;
  const high = (BigInt(last) << 32n) | 0xffffffffn;
  const from = searchRange(ranges.length / 4, (i) => (ranges[4 * i + 2] ?? 0n) >= low);
  const within: bigint[] = [];
  for (let i = 4 * from; i < ranges.length && (ranges[i] ?? 0n) <= high; i += 4) {
    const [startHigh = 0n, startLow = 0n, endHigh = 0n, endLow = 0n] = ranges.subarray(i, i + 4);
    within.push(...(startHigh < low ? [low, 0n] : [startHigh, startLow]));
    within.push(...(endHigh > high ? [high, 0xffffffffffffffffn] : [endHigh, endLow]));
  }
  return dropEnd(edgesOf128(BigUint64Array.from(within)), last);
}

/** Drops an edge right behind the window. */
function dropEnd(edges: Edges, last: number): Edges {
  const { width, words } = edges;
  const behind = (words[words.length - width] ?? 0) > last;
  return behind ? { width, words: words.subarray(0, -width) } : edges;
}

/** The first number below `count` for which `isReached` holds, or `count`; it holds for all behind it. */
function searchRange(count: number, isReached: (i: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
