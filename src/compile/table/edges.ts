import type { PortRange } from '../../policy/index.js';
import { half64 } from './image.js';

/**
 * What one rule asks of one field: the keys at which it begins and, one behind its last, ceases to hold.
 *
 * Keys are strictly increasing; those at even positions begin a stretch. A stretch up to the largest key has no end.
 */
export interface Edges {
  /** 32-bit words of a key: 1, or 4 for IPv6, upper ones first. */
  readonly width: 1 | 4;
  /** `width` words for each edge. */
  readonly words: Uint32Array;
}

/** The edges of sorted, disjoint, non-adjacent ranges of 32-bit keys: pairs first, last. */
export function edgesOf32(ranges: Uint32Array): Edges {
  const words = ranges.slice();
  for (let i = 1; i < words.length; i += 2) words[i] = (words[i] ?? 0) + 1;
  const open = words.length > 0 && words[words.length - 1] === 0;
  return { width: 1, words: open ? words.subarray(0, -1) : words };
}

/** The edges of sorted, disjoint, non-adjacent ranges of 128-bit keys: quadruples of 64-bit halves. */
export function edgesOf128(ranges: BigUint64Array): Edges {
  const halves = new Uint32Array(ranges.buffer, ranges.byteOffset, 2 * ranges.length);
  const words = new Uint32Array(halves.length);
  // Upper half first, whatever this machine's order: half64 counts from the lower one.
  for (let i = 0; i < words.length; i++) words[i] = halves[half64(i ^ 1)] ?? 0;
  for (let i = 4; i < words.length; i += 8) increment(words, i);
  const open = words.length > 0 && words.subarray(-4).every((word) => word === 0);
  return { width: 4, words: open ? words.subarray(0, -4) : words };
}

/** The edges of ranges of small numbers, in any order, overlapping or not. */
export function edgesOfNumbers(ranges: readonly PortRange[]): Edges {
  const words: number[] = [];
  for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
    const end = words.at(-1);
    if (end !== undefined && first <= end) words[words.length - 1] = Math.max(end, last + 1);
    else words.push(first, last + 1);
  }
  return { width: 1, words: Uint32Array.from(words) };
}

/** Adds 1 to the 128-bit key at `at`; the largest becomes 0. */
function increment(words: Uint32Array, at: number): void {
  for (let i = at + 3; i >= at; i--) {
    words[i] = (words[i] ?? 0) + 1;
    if (words[i] !== 0) return;
  }
}
