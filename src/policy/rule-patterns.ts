import { type Bits, noBits, putBit } from './bits.js';
import { mergeRanges } from './merge-ranges.js';
import { normalizeSources } from './regions.js';
import type { AddressSet, Match, Policy, PortRange, Rule } from './types.js';

/** A pattern: the rules that one value of a field matches. Values with equal patterns are equivalent. */
export type Patterns = readonly Bits[];

/** The patterns of every field except the source. */
export interface RulePatterns {
  readonly numbers: readonly Patterns[];
  /** By address family. */
  readonly destinations: Readonly<Record<4 | 6, Patterns>>;
}

const PORTS = 65536;
/** Numbers of IP protocols, without `unix`. */
const PROTOCOLS = 256;

/** Computes for every field which sets of rules its values match. */
export function rulePatterns(policy: Policy): RulePatterns {
  const { rules } = policy;
  const ranges = (limit: number, of: (match: Match) => readonly PortRange[] | undefined) =>
    rangePatterns(
      rules.map(({ match }) => of(match)),
      limit,
    );
  return {
    numbers: [
      ranges(PORTS, (match) => match.destinationPorts),
      ranges(PROTOCOLS, (match) => match.protocols?.map((number) => ({ first: number, last: number }))),
      ranges(PORTS, (match) => match.sourcePorts),
      namePatterns(rules.map(({ match }) => match.interfaces)),
    ],
    destinations: addressPatterns(policy),
  };
}

/** @param lists for each rule its ranges below `limit`; undefined matches every number */
function rangePatterns(lists: readonly (readonly PortRange[] | undefined)[], limit: number): Patterns {
  const edges = new Map<number, [rule: number, begins: boolean][]>([[0, []]]);
  const addEdge = (at: number, rule: number, begins: boolean) => {
    if (at >= limit) return;
    const there = edges.get(at);
    if (there === undefined) edges.set(at, [[rule, begins]]);
    else there.push([rule, begins]);
  };
  // Merged, so that no edge both begins and ends a rule.
  lists.forEach((ranges, rule) => {
    for (const { first, last } of mergeRanges(ranges ?? [{ first: 0, last: limit - 1 }])) {
      addEdge(first, rule, true);
      addEdge(last + 1, rule, false);
    }
  });
  const current = noBits(lists.length);
  const patterns = new DistinctBits();
  for (const [, changes] of [...edges].sort(([a], [b]) => a - b)) {
    for (const [rule, begins] of changes) putBit(current, rule, begins);
    patterns.add(current);
  }
  return patterns.all;
}

/** Patterns of the names that rules give, and of any other name. */
function namePatterns(lists: readonly (readonly string[] | undefined)[]): Patterns {
  const patterns = new DistinctBits();
  for (const name of [undefined, ...new Set(lists.flatMap((names) => names ?? []))]) {
    const bits = noBits(lists.length);
    lists.forEach((names, rule) => {
      if (names === undefined || (name !== undefined && names.includes(name))) putBit(bits, rule);
    });
    patterns.add(bits);
  }
  return patterns.all;
}

function addressPatterns(policy: Policy): RulePatterns['destinations'] {
  const { v4, v6, lists } = normalizeSources({ ...policy, rules: policy.rules.map(byDestination) });
  const patternsOf = (used: Uint32Array): Patterns =>
    [...new Set(used)].map((list) => {
      const bits = noBits(policy.rules.length);
      for (const rule of lists[list] ?? []) putBit(bits, rule);
      return bits;
    });
  return { 4: patternsOf(v4.lists), 6: patternsOf(v6.lists) };
}

/** The rule with its destination as its source. It also has another field, so that no list of rules ends with it. */
function byDestination(rule: Rule): Rule {
  const source: AddressSet | undefined = rule.match.destination;
  return { ...rule, match: { ...EVERYTHING, source, protocols: [] } };
}

const EVERYTHING: Match = {
  interfaces: undefined,
  protocols: undefined,
  source: undefined,
  sourcePorts: undefined,
  destination: undefined,
  destinationPorts: undefined,
};

/** Collects sets of bits, each once. */
class DistinctBits {
  readonly all: Bits[] = [];
  readonly #seen = new Set<string>();

  add(bits: Bits): void {
    const key = bits.join();
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.all.push(bits.slice());
  }
}
