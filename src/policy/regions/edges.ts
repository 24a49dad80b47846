import { splitWords } from '../address-set.js';
import { mergeRanges } from '../merge-ranges.js';
import { increment, type Width } from '../rows.js';
import type { PortRange } from '../types.js';

/**
 * A set of keys by its edges: the keys at which it begins and, one after its last, ends.
 *
 * Keys are strictly increasing; those at even positions begin a range. A range up to the largest key has no end.
 */
export interface Edges {
  /** 32-bit words of a key: 1, or 4 for IPv6, the most significant first. */
  readonly width: Width;
  /** `width` words for each edge. */
  readonly words: Uint32Array;
}

/** The set of every key. */
export function everyKey(width: Width): Edges {
  return { width, words: new Uint32Array(width) };
}

/** The edges of sorted, disjoint, non-adjacent ranges of 32-bit keys: pairs first, last. */
export function edgesOf32(ranges: Uint32Array): Edges {
  return withEnds(ranges.slice(), 1);
}

/** The edges of sorted, disjoint, non-adjacent ranges of 128-bit keys: quadruples of 64-bit halves. */
export function edgesOf128(ranges: BigUint64Array): Edges {
  return withEnds(splitWords(ranges), 4);
}

/** The edges of ranges of numbers below 2³² − 1, in any order, overlapping or not. */
export function edgesOfNumbers(ranges: readonly PortRange[]): Edges {
  const words = mergeRanges(ranges).flatMap(({ first, last }) => [first, last + 1]);
  return { width: 1, words: Uint32Array.from(words) };
}

/** The edges of single numbers below 2³² − 1. */
export function edgesOfPoints(points: readonly number[]): Edges {
  return edgesOfNumbers(points.map((point) => ({ first: point, last: point })));
}

/** Turns the last key of each range into its end, in place. */
function withEnds(words: Uint32Array, width: Width): Edges {
  for (let at = width; at < words.length; at += 2 * width) increment(words, at, width);
  // After the largest key comes the smallest.
  const isOpen = words.length > 0 && words.subarray(-width).every((word) => word === 0);
  return { width, words: isOpen ? words.subarray(0, -width) : words };
}
