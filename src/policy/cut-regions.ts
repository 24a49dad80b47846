import { copyWords, increment, isHighest, type Rows, type Width } from './rows.js';
import { compareWords, sortedOrder } from './sorted-order.js';

/** Regions in words: a start of `width` words, most significant first, and a list, for each region. */
export interface WordRegions {
  readonly starts: Uint32Array;
  readonly lists: Uint32Array;
}

/**
 * Divides the addresses of one family at each edge of a set, and joins adjacent regions with equal lists.
 *
 * @param sets merged rows of each set
 * @param listOf the list for the sets that hold a region, given as ascending indexes; the array is reused
 */
export function cutRegions(
  sets: readonly Rows[],
  width: Width,
  listOf: (holders: readonly number[]) => number,
): WordRegions {
  const stride = width + 1;
  const boundaries = listBoundaries(sets, width);
  const order = sortedOrder(boundaries, stride, width);
  const starts = new Uint32Array((order.length + 1) * width);
  const lists = new Uint32Array(order.length + 1);
  const holders: number[] = [];
  const position = new Uint32Array(width);
  let count = 0;
  for (let next = 0; ; ) {
    for (; next < order.length; next++) {
      const at = (order[next] as number) * stride;
      if (compareWords(boundaries, at, position, 0, width) !== 0) break;
      toggle(holders, boundaries[at + width] as number);
    }
    const list = listOf(holders);
    if (count === 0 || lists[count - 1] !== list) {
      copyWords(position, 0, starts, count * width, width);
      lists[count] = list;
      count += 1;
    }
    if (next === order.length) break;
    const at = (order[next] as number) * stride;
    copyWords(boundaries, at, position, 0, width);
  }
  return { starts: starts.slice(0, count * width), lists: lists.slice(0, count) };
}

/** Rows of an address and a set: the set begins at this address, or ended before it. */
function listBoundaries(sets: readonly Rows[], width: Width): Uint32Array {
  const stride = width + 1;
  const ends = sets.reduce((sum, rows) => sum + rows.length / width, 0);
  const boundaries = new Uint32Array(ends * stride);
  let end = 0;
  sets.forEach((rows, set) => {
    for (let at = 0; at < rows.length; at += width) {
      const isLast = (at / width) % 2 === 1;
      // No region begins after the highest address.
      if (isLast && isHighest(rows, at, width)) continue;
      copyWords(rows, at, boundaries, end, width);
      if (isLast) increment(boundaries, end, width);
      boundaries[end + width] = set;
      end += stride;
    }
  });
  return boundaries.subarray(0, end);
}

/** Inserts a set into ascending indexes, or removes it. */
function toggle(holders: number[], set: number): void {
  let at = holders.length;
  while (at > 0 && (holders[at - 1] as number) >= set) at -= 1;
  if (holders[at] === set) holders.splice(at, 1);
  else holders.splice(at, 0, set);
}
