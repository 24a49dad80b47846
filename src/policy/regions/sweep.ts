import { copyWords, type Width } from '../rows.js';
import { EdgeQueue } from './edge-queue.js';
import type { Edges } from './edges.js';

/** Keys cut into regions of one result: from each start to the next. The first begins where the sweep does. */
export interface Regions {
  readonly width: Width;
  readonly count: number;
  /** `width` words for each start, the most significant first; strictly increasing. */
  readonly starts: Uint32Array;
  /** A number of 32 bits for each region; neighbours differ. */
  readonly results: Uint32Array;
}

/** Keeps track of the sets that hold the position of a sweep. */
export interface SweepState {
  /** Called when a set begins or ends, with its index. */
  readonly toggle: (set: number) => void;
  /** The result of the region that begins here; called once all sets that begin or end here have. */
  readonly result: () => number;
}

/**
 * Cuts the keys wherever a set begins or ends, and joins neighbours with equal results.
 *
 * @param sets all of one width
 * @param start the first key, 1 or 4 words; no set has an edge before it
 */
export function sweep(sets: readonly Edges[], start: Uint32Array, state: SweepState): Regions {
  const width = start.length === 4 ? 4 : 1;
  const limit = sets.reduce((sum, { words }) => sum + words.length / width, 1);
  const starts = new Uint32Array(width * limit);
  const results = new Uint32Array(limit);
  const queue = new EdgeQueue(width, sets);
  let result = -1;
  let count = 0;
  const position = start.slice();
  for (;;) {
    // All edges at this position first: what holds between them is never seen.
    while (!queue.isEmpty && queue.isAt(position)) state.toggle(queue.takeSet());
    const next = state.result();
    if (next !== result) {
      copyWords(position, 0, starts, width * count, width);
      results[count] = next;
      result = next;
      count++;
    }
    if (queue.isEmpty) break;
    queue.readPosition(position);
  }
  return { width, count, starts: starts.subarray(0, width * count), results: results.subarray(0, count) };
}

/**
 * Sweeps over all keys.
 *
 * @param resultOf the result for the sets that hold a region, given as ascending indexes; the array is reused
 */
export function sweepSets(
  sets: readonly Edges[],
  width: Width,
  resultOf: (holders: readonly number[]) => number,
): Regions {
  const holders: number[] = [];
  return sweep(sets, new Uint32Array(width), {
    toggle: (set) => toggle(holders, set),
    result: () => resultOf(holders),
  });
}

/** Puts a set in its place among ascending indexes, or takes it out. */
function toggle(holders: number[], set: number): void {
  let [low, high] = [0, holders.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((holders[middle] ?? 0) < set) low = middle + 1;
    else high = middle;
  }
  if (holders[low] === set) holders.splice(low, 1);
  else holders.splice(low, 0, set);
}
