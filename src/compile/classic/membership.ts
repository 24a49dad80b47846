import { type Edges, type Regions, sweepSets } from '../../policy/index.js';
import type { Graph, Interval, Load, NodeId } from './graph.js';

/** Cuts 32-bit numbers into intervals: those inside a set, and the others. */
export function intervalsOf(set: Edges, inside: NodeId, outside: NodeId): Interval[] {
  return intervalsIn(sweepSets([set], 1, (holders) => (holders.length === 0 ? outside : inside)));
}

/** Regions of 32-bit numbers whose results are nodes, as intervals. */
export function intervalsIn({ starts, results }: Regions): Interval[] {
  return Array.from(results, (target, i) => ({ first: starts[i] ?? 0, target }));
}

/**
 * Builds the search of a 128-bit number word by word: a later word is loaded only where an earlier one left the
 * answer open.
 *
 * @param regions of 128-bit numbers, from 0 on; their results are nodes
 * @param loads how each of the four words comes into A, most significant first
 */
export function searchWords(
  graph: Graph,
  { starts, results }: Regions,
  loads: readonly [Load, Load, Load, Load],
): NodeId {
  const split = Array.from(results, (target, i) => ({
    words: [...starts.subarray(4 * i, 4 * i + 4)],
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
  const intervals: Interval[] = [];
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
