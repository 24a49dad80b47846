import { type Graph, type Interval, type Load, mergeIntervals, type NodeId } from './graph.js';
import { LIMIT32, type Range } from './range.js';

/**
 * Cuts the numbers from 0 on into intervals: those inside the ranges, and the others.
 *
 * @param ranges in ascending order, disjoint; neighbours may touch
 */
export function intervalsOf(
  ranges: readonly Range<number>[],
  inside: NodeId,
  outside: NodeId,
): Interval<number>[] {
  const intervals: Interval<number>[] = [{ first: 0, target: outside }];
  for (const { first, end } of ranges) {
    // A range that starts where the last interval does replaces it.
    if (intervals.at(-1)?.first === first) intervals.pop();
    intervals.push({ first, target: inside });
    if (end < LIMIT32) intervals.push({ first: end, target: outside });
  }
  return mergeIntervals(intervals);
}

/**
 * Builds the search of a 128-bit number word by word: a later word is loaded only where an earlier one left the
 * answer open.
 *
 * @param intervals of 128-bit numbers in ascending order, the first one from 0
 * @param loads how each of the four words comes into A, most significant first
 */
export function searchWords(
  graph: Graph,
  intervals: readonly Interval<bigint>[],
  loads: readonly [Load, Load, Load, Load],
): NodeId {
  const split: Split[] = mergeIntervals(intervals).map(({ first, target }) => ({
    words: wordsOf(first),
    target,
  }));
  return searchFrom(graph, split, 0, loads);
}

interface Split {
  readonly words: readonly number[];
  readonly target: NodeId;
}

/** @param split equal in all words before `level`; the first one is 0 from there on */
function searchFrom(graph: Graph, split: readonly Split[], level: number, loads: readonly Load[]): NodeId {
  const load = loads[level];
  if (load === undefined) throw new RangeError(`word ${level}`);
  const intervals: Interval<number>[] = [];
  let from = 0;
  let before = split[0]?.target ?? 0;
  while (from < split.length) {
    const word = split[from]?.words[level] ?? 0;
    let to = from;
    while (to < split.length && split[to]?.words[level] === word) to++;
    const group = split.slice(from, to);
    const last = group.at(-1)?.target ?? before;
    const clean = isCut(group[0]?.words ?? [], level + 1);
    if (clean && group.length === 1) {
      intervals.push({ first: word, target: last });
    } else {
      const zeros = (group[0]?.words ?? []).map((value, i) => (i <= level ? value : 0));
      const whole = clean ? group : [{ words: zeros, target: before }, ...group];
      intervals.push({ first: word, target: searchFrom(graph, whole, level + 1, loads) });
      const touches = split[to]?.words[level] === word + 1;
      if (word < 0xffffffff && !touches) intervals.push({ first: word + 1, target: last });
    }
    before = last;
    from = to;
  }
  return graph.decide(load, intervals);
}

/** Whether a boundary falls between two values of the words before `level`. */
function isCut(words: readonly number[], level: number): boolean {
  return words.slice(level).every((word) => word === 0);
}

function wordsOf(value: bigint): readonly number[] {
  return [96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffffffffn));
}
