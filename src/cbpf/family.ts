import type { Verdict } from '../policy/index.js';
import type { Candidate, Numbering } from './candidate.js';
import { checkDecisions } from './capacity.js';
import { type Field, fields, loadField } from './field.js';
import type { Graph, NodeId, Piece } from './graph.js';
import { piecesOf } from './membership.js';
import { LIMIT32 } from './range.js';
import { sweep } from './sweep.js';

/** The nodes of the two verdicts. */
export type Verdicts = Readonly<Record<Verdict, NodeId>>;

/** Turns pieces of source or destination addresses into a search. */
export type AddressSearch<K extends number | bigint> = (pieces: readonly Piece<K>[]) => NodeId;

/**
 * Builds the decisions for packets of one family: the source address is searched once, and what it leaves open is
 * asked rule by rule, in order.
 *
 * @param candidates the rules that can match such a packet, in order
 * @param otherwise the node for a packet that no rule matches
 */
export function decideFamily<K extends number | bigint>(
  graph: Graph,
  candidates: readonly Candidate<K>[],
  numbering: Numbering<K>,
  verdicts: Verdicts,
  otherwise: NodeId,
  searchSource: AddressSearch<K>,
  searchDestination: AddressSearch<K>,
): NodeId {
  const known = new Map<number, NodeId>();
  const ask = (index: number, next: NodeId): NodeId => {
    const candidate = candidates[index];
    if (candidate === undefined) return next;
    // Node numbers stay far below 2^26, rule numbers below 2^27: the pair is a safe integer.
    const key = index * 2 ** 26 + next;
    const node = known.get(key) ?? askRule(graph, candidate, numbering, verdicts, next, searchDestination);
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
  return searchSource(sweep(sources, decide, numbering.zero, numbering.limit));
}

function isUnconditional<K extends number | bigint>(candidate: Candidate<K> | undefined): boolean {
  return candidate?.destination === undefined && candidate?.numbers.length === 0;
}

/** The tests of one rule but for its source; a packet that fails one goes on to `next`. */
function askRule<K extends number | bigint>(
  graph: Graph,
  { rule, destination, numbers }: Candidate<K>,
  { zero, limit }: Numbering<K>,
  verdicts: Verdicts,
  next: NodeId,
  searchDestination: AddressSearch<K>,
): NodeId {
  let node = verdicts[rule.verdict];
  if (destination !== undefined) node = searchDestination(piecesOf(destination, node, next, zero, limit));
  for (const { field, ranges } of numbers.toReversed()) {
    node = graph.decide(loadField(field), piecesOf(ranges, node, next, 0, LIMIT32));
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
