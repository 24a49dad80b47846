import type { Verdict } from '../../policy/index.js';
import type { AddressSpace } from './address-space.js';
import type { Candidate } from './candidate.js';
import { checkDecisions } from './capacity.js';
import { type Field, fields, loadField } from './field.js';
import type { Graph, NodeId } from './graph.js';
import { intervalsOf } from './membership.js';

/** The nodes of the two verdicts. */
export type Verdicts = Readonly<Record<Verdict, NodeId>>;

/**
 * Builds the decisions for packets of one family: the source address is searched once, and what it leaves open is
 * asked rule by rule, in order.
 *
 * @param candidates the rules that can match such a packet, in order
 * @param otherwise the node for a packet that no rule matches
 */
export function decideFamily(
  graph: Graph,
  candidates: readonly Candidate[],
  space: AddressSpace,
  verdicts: Verdicts,
  otherwise: NodeId,
): NodeId {
  const known = new Map<number, NodeId>();
  const ask = (index: number, next: NodeId): NodeId => {
    const candidate = candidates[index];
    if (candidate === undefined) return next;
    // Node numbers stay far below 2^26, rule numbers below 2^27: the pair is a safe integer.
    const key = index * 2 ** 26 + next;
    const node = known.get(key) ?? askRule(graph, candidate, space, verdicts, next);
    known.set(key, node);
    checkDecisions(graph.size);
    return node;
  };
  const decide = (holding: readonly number[]): NodeId => {
    const sure = holding.findIndex((index) => isUnconditional(candidates[index]));
    let next = otherwise;
    for (let i = sure < 0 ? holding.length - 1 : sure; i >= 0; i--) next = ask(holding[i] ?? 0, next);
    return next;
  };
  const sources = candidates.map(({ source }) => source);
  return space.search(graph, 'source', sources, decide);
}

function isUnconditional(candidate: Candidate | undefined): boolean {
  return candidate?.destination === undefined && candidate?.numbers.length === 0;
}

/** The tests of one rule but for its source; a packet that fails one goes on to `next`. */
function askRule(
  graph: Graph,
  { rule, destination, numbers }: Candidate,
  space: AddressSpace,
  verdicts: Verdicts,
  next: NodeId,
): NodeId {
  const verdict = verdicts[rule.verdict];
  const isThere = (holding: readonly number[]) => (holding.length === 0 ? next : verdict);
  let node = destination === undefined ? verdict : space.search(graph, 'destination', [destination], isThere);
  for (const { field, values } of [...numbers].reverse()) {
    node = graph.decide(loadField(field), intervalsOf(values, node, next));
  }
  return node;
}

/** The fields that are tested below a node. */
export function fieldsBelow(graph: Graph, root: NodeId): Set<Field> {
  const used = new Set(
    graph.reachable(root).flatMap((id) => {
      const node = graph.node(id);
      return node.kind === 'load' ? node.load.what : [];
    }),
  );
  return new Set(fields.filter((field) => used.has(loadField(field).what)));
}
