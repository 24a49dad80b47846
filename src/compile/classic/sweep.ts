import type { Interval, NodeId } from './graph.js';
import { mergeIntervals } from './graph.js';
import type { Range } from './range.js';

interface Edge<K> {
  readonly at: K;
  readonly index: number;
  readonly opens: boolean;
}

/**
 * Walks along the numbers from 0 up and tells, for each stretch, which of an ordered list of range sets hold it.
 *
 * @param sets each in ascending order, disjoint; `undefined` holds every number
 * @param decide what becomes of a stretch, given the indexes of the sets that hold it, in ascending order; the array
 *   is reused
 * @param zero 0 as a K
 * @param limit one more than the greatest number
 */
export function sweep<K extends number | bigint>(
  sets: readonly (readonly Range<K>[] | undefined)[],
  decide: (holding: readonly number[]) => NodeId,
  zero: K,
  limit: K,
): Interval<K>[] {
  const holding: number[] = [];
  const edges: Edge<K>[] = [];
  for (const [index, ranges] of sets.entries()) {
    if (ranges === undefined) holding.push(index);
    for (const { first, end } of ranges ?? []) {
      edges.push({ at: first, index, opens: true });
      if (end < limit) edges.push({ at: end, index, opens: false });
    }
  }
  // Where one range ends and the next of the same set begins, it must be closed before it opens.
  edges.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : Number(a.opens) - Number(b.opens)));

  const intervals: Interval<K>[] = [];
  let at = zero;
  for (const edge of edges) {
    if (edge.at !== at) intervals.push({ first: at, target: decide(holding) });
    at = edge.at;
    const place = lowerBound(holding, edge.index);
    holding.splice(place, edge.opens ? 0 : 1, ...(edge.opens ? [edge.index] : []));
  }
  intervals.push({ first: at, target: decide(holding) });
  return mergeIntervals(intervals);
}

function lowerBound(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
