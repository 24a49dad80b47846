import type { NodeId, Piece } from './graph.js';
import { LIMIT32 } from './range.js';

/** An aligned block of values inside a bucket: all whose first `length` bits are those of `first`. */
export interface Spot {
  readonly first: number;
  readonly length: number;
  readonly target: NodeId;
}

/** A stretch of values that is searched one comparison after the other. */
export interface Bucket {
  readonly first: number;
  /** Longest first, so that one mask after the other can be laid over the same value. */
  readonly spots: readonly Spot[];
  /** Where the values outside all spots go. */
  readonly rest: NodeId;
}

/** A miss pays for every spot of its bucket, and predicts well; more would cost what a level of the tree costs. */
const MOST_SPOTS = 8;

/**
 * Divides a search into buckets, the leaves of a balanced tree, so that as few instructions as possible are needed.
 *
 * A stretch that is one aligned block costs one comparison in a bucket and two boundaries in a tree; any other
 * stretch is cut off by the tree.
 *
 * @param pieces in ascending order, the first one from 0
 */
export function divide(pieces: readonly Piece<number>[]): Bucket[] {
  const spots = pieces.map(({ first, target }, i) => spotOf(first, pieces[i + 1]?.first ?? LIMIT32, target));
  const best: Reach[] = [];
  for (let from = pieces.length - 1; from >= 0; from--) {
    const [own, other] = [pieces[from]?.target ?? 0, pieces[from + 1]?.target];
    const choice = reach(spots, pieces, best, from, own);
    const second = other === undefined || other === own ? choice : reach(spots, pieces, best, from, other);
    best[from] = second.cost <= choice.cost ? second : choice;
  }
  const buckets: Bucket[] = [];
  for (let from = 0; from < pieces.length; ) {
    const { next, rest } = best[from] ?? { next: pieces.length, rest: 0 };
    const inside = spots.slice(from, next).flatMap((spot) => (spot && spot.target !== rest ? spot : []));
    buckets.push({
      first: pieces[from]?.first ?? 0,
      spots: inside.sort((a, b) => b.length - a.length || a.first - b.first),
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
 * The cheapest bucket that starts at `from` and leaves out what goes to `rest`: a comparison costs one for each spot and
 * each length of a mask, and one that leads to the buckets behind it.
 *
 * @param best the same for every later start
 */
function reach(
  spots: readonly (Spot | undefined)[],
  pieces: readonly Piece<number>[],
  best: readonly Reach[],
  from: number,
  rest: NodeId,
): Reach {
  let [lengths, masks, count] = [0, 0, 0];
  let [next, cost] = [from + 1, Number.POSITIVE_INFINITY];
  for (let at = from; at < pieces.length; at++) {
    if (pieces[at]?.target !== rest) {
      const spot = spots[at];
      if (spot === undefined || ++count > MOST_SPOTS) break;
      if (spot.length < 32 && ((lengths >>> spot.length) & 1) === 0) {
        lengths |= 1 << spot.length;
        masks++;
      }
    }
    const behind = best[at + 1];
    const total = count + masks + (behind === undefined ? 0 : 1 + behind.cost);
    if (total <= cost) [next, cost] = [at + 1, total];
  }
  return { next, rest, cost };
}

function spotOf(first: number, end: number, target: NodeId): Spot | undefined {
  const length = 32 - Math.log2(end - first);
  return Number.isInteger(length) && first % (end - first) === 0 ? { first, length, target } : undefined;
}
