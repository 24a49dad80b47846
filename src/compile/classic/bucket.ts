import type { Interval, NodeId } from './graph.js';

/** An aligned block of values inside a bucket: all whose first `length` bits are those of `first`. */
export interface AlignedBlock {
  readonly first: number;
  readonly length: number;
  readonly target: NodeId;
}

/** A stretch of values that is searched one comparison after the other. */
export interface Bucket {
  readonly first: number;
  /** Longest first, so that one mask after the other can be laid over the same value. */
  readonly blocks: readonly AlignedBlock[];
  /** Where the values outside all blocks go. */
  readonly rest: NodeId;
}

/** One more than the largest 32-bit number. */
const KEYS = 2 ** 32;

/** A miss pays for every block of its bucket, and predicts well; more would cost what a level of the tree costs. */
const MAX_BLOCKS = 8;

/**
 * Divides a search into buckets, the leaves of a balanced tree, so that as few instructions as possible are needed.
 *
 * A stretch that is one aligned block costs one comparison in a bucket and two boundaries in a tree; any other
 * stretch is cut off by the tree.
 *
 * @param intervals in ascending order, the first one from 0
 */
export function divide(intervals: readonly Interval[]): Bucket[] {
  const blocks = intervals.map(({ first, target }, i) =>
    blockOf(first, intervals[i + 1]?.first ?? KEYS, target),
  );
  const best: Reach[] = [];
  for (let from = intervals.length - 1; from >= 0; from--) {
    const [own, other] = [intervals[from]?.target ?? 0, intervals[from + 1]?.target];
    const choice = reach(blocks, intervals, best, from, own);
    const second =
      other === undefined || other === own ? choice : reach(blocks, intervals, best, from, other);
    best[from] = second.cost <= choice.cost ? second : choice;
  }
  const buckets: Bucket[] = [];
  for (let from = 0; from < intervals.length; ) {
    const { next, rest } = best[from] ?? { next: intervals.length, rest: 0 };
    const inside = blocks.slice(from, next).flatMap((block) => (block && block.target !== rest ? block : []));
    buckets.push({
      first: intervals[from]?.first ?? 0,
      blocks: inside.sort((a, b) => b.length - a.length || a.first - b.first),
      rest,
    });
    from = next;
  }
  return buckets;
}

/** How far a bucket goes, and what is searched from its start on costs then, the buckets behind it included. */
interface Reach {
  readonly next: number;
  readonly rest: NodeId;
  readonly cost: number;
}

/**
 * The cheapest bucket that starts at `from` and leaves out what goes to `rest`: a comparison costs one for each block and
 * each length of a mask, and one that leads to the buckets behind it.
 *
 * @param best the same for every later start
 */
function reach(
  blocks: readonly (AlignedBlock | undefined)[],
  intervals: readonly Interval[],
  best: readonly Reach[],
  from: number,
  rest: NodeId,
): Reach {
  let [lengths, masks, count] = [0, 0, 0];
  let [next, cost] = [from + 1, Number.POSITIVE_INFINITY];
  for (let at = from; at < intervals.length; at++) {
    if (intervals[at]?.target !== rest) {
      const block = blocks[at];
      if (block === undefined || ++count > MAX_BLOCKS) break;
      if (block.length < 32 && ((lengths >>> block.length) & 1) === 0) {
        lengths |= 1 << block.length;
        masks++;
      }
    }
    const behind = best[at + 1];
    const total = count + masks + (behind === undefined ? 0 : 1 + behind.cost);
    if (total <= cost) [next, cost] = [at + 1, total];
  }
  return { next, rest, cost };
}

function blockOf(first: number, end: number, target: NodeId): AlignedBlock | undefined {
  const length = 32 - Math.log2(end - first);
  return Number.isInteger(length) && first % (end - first) === 0 ? { first, length, target } : undefined;
}
