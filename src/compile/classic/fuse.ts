import { type Graph, type Interval, mergeIntervals, type NodeId } from './graph.js';

/**
 * Joins searches of the same field that follow each other: a list of rules that differ only in a port becomes one
 * search of the port.
 *
 * Only where nothing else leads to the second search; otherwise it would have to be there twice.
 *
 * @returns the node that takes the place of `root`
 */
export function fuseSearches(graph: Graph, root: NodeId): NodeId {
  const order = graph.reachable(root);
  const parents = new Map<NodeId, number>();
  for (const id of order) for (const to of graph.targets(id)) parents.set(to, (parents.get(to) ?? 0) + 1);

  const sole = (id: NodeId): boolean => parents.get(id) === 1;
  const absorbed = new Set<NodeId>();
  const renewed = new Map<NodeId, NodeId>();
  const renew = (id: NodeId): NodeId => renewed.get(id) ?? id;

  const flats = new Map<NodeId, readonly Interval[]>();
  const flatten = (intervals: readonly Interval[]): Interval[] =>
    intervals.flatMap(({ first, target }, i) => {
      const flat = flats.get(target);
      return flat === undefined
        ? [{ first, target: renew(target) }]
        : cut(flat, first, intervals[i + 1]?.first ?? Number.POSITIVE_INFINITY);
    });

  for (const id of order) {
    const node = graph.node(id);
    const search = node.kind === 'load' ? graph.node(node.next) : undefined;
    if (node.kind !== 'load' || search?.kind !== 'search' || !sole(node.next)) continue;
    for (const { target } of search.intervals) {
      const inner = graph.node(target);
      if (inner.kind !== 'load' || inner.load.what !== node.load.what) continue;
      const searched = graph.node(inner.next).kind === 'search';
      if (searched && sole(target) && sole(inner.next)) absorbed.add(target);
    }
  }
  for (const id of [...order].reverse()) {
    const node = graph.node(id);
    if (node.kind !== 'load') continue;
    const below = graph.node(node.next);
    if (below.kind !== 'search') renewed.set(id, graph.load(node.load, renew(node.next)));
    else if (absorbed.has(id)) flats.set(id, mergeIntervals(flatten(below.intervals)));
    else renewed.set(id, graph.decide(node.load, flatten(below.intervals)));
  }
  return renew(root);
}

/** The intervals as far as they lie in [first, end), cut at both ends. */
function cut(intervals: readonly Interval[], first: number, end: number): Interval[] {
  // A list of n rules makes n of these lists, each one longer than the one before: do not search all of them.
  let [low, high] = [0, intervals.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle]?.first ?? 0) <= first) low = middle;
    else high = middle;
  }
  const inside: Interval[] = [];
  for (let at = low; at < intervals.length; at++) {
    const interval = intervals[at];
    if (interval === undefined || interval.first >= end) break;
    inside.push(interval.first >= first ? interval : { first, target: interval.target });
  }
  return inside;
}
