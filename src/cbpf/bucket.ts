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
  const best: { cost: number; next: number; rest: NodeId }[] = [];
  for (let from = pieces.length - 1; from >= 0; from--) {
    let choice = { cost: Number.POSITIVE_INFINITY, next: from + 1, rest: 0 };
    for (const rest of new Set([pieces[from], pieces[from + 1]].flatMap((piece) => piece?.target ?? []))) {
      for (const { next, cost } of growth(spots, pieces, from, rest)) {
        const total = cost + (next < pieces.length ? 1 + (best[next]?.cost ?? 0) : 0);
        if (total <= choice.cost) choice = { cost: total, next, rest };
      }
    }
    best[from] = choice;
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

/** How far a bucket that starts at `from` can reach, and what it costs there: a comparison a spot, a mask a length. */
function* growth(
  spots: readonly (Spot | undefined)[],
  pieces: readonly Piece<number>[],
  from: number,
  rest: NodeId,
): Generator<{ next: number; cost: number }> {
  const masks = new Set<number>();
  let count = 0;
  for (let at = from; at < pieces.length; at++) {
    if (pieces[at]?.target !== rest) {
      const spot = spots[at];
      if (spot === undefined || ++count > MOST_SPOTS) return;
      if (spot.length < 32) masks.add(spot.length);
    }
    yield { next: at + 1, cost: count + masks.size };
  }
}

function spotOf(first: number, end: number, target: NodeId): Spot | undefined {
  const length = 32 - Math.log2(end - first);
  return Number.isInteger(length) && first % (end - first) === 0 ? { first, length, target } : undefined;
}
