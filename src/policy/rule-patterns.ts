import { PORT_LIMIT, PROTOCOL_LIMIT } from '../net/index.js';
import { type Bits, flipBit, noBits, putBit } from './bits.js';
import { edgesOfNumbers, everyKey } from './regions/edges.js';
import { normalizeSources } from './regions/source-regions.js';
import { sweep } from './regions/sweep.js';
import type { AddressSet, Match, Policy, PortRange, Rule } from './types.js';

/** A pattern: the rules that one value of a field matches. Values with equal patterns are one. */
export type Patterns = readonly Bits[];

/** The patterns of every field but the source. */
export interface RulePatterns {
  readonly numbers: readonly Patterns[];
  /** By address family. */
  readonly destinations: Readonly<Record<4 | 6, Patterns>>;
}

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
      ranges(PORT_LIMIT, (match) => match.destinationPorts),
      ranges(PROTOCOL_LIMIT, (match) => match.protocols?.map((number) => ({ first: number, last: number }))),
      ranges(PORT_LIMIT, (match) => match.sourcePorts),
      namePatterns(rules.map(({ match }) => match.interfaces)),
    ],
    destinations: addressPatterns(policy),
  };
}

/** @param lists for each rule its ranges below `limit`; undefined matches every number */
function rangePatterns(lists: readonly (readonly PortRange[] | undefined)[], limit: number): Patterns {
  const current = noBits(lists.length);
  const patterns = new DistinctBits();
  const sets = lists.map((ranges) => (ranges === undefined ? everyKey(1) : edgesOfNumbers(ranges)));
  const { starts, results } = sweep(sets, new Uint32Array(1), {
    toggle: (rule) => flipBit(current, rule),
    result: () => patterns.indexOf(current),
  });
  const used = new Set(results.filter((_, region) => (starts[region] ?? 0) < limit));
  return patterns.all.filter((_, index) => used.has(index));
}

/** Patterns of the names that rules give, and of any other name. */
function namePatterns(lists: readonly (readonly string[] | undefined)[]): Patterns {
  const patterns = new DistinctBits();
  for (const name of [undefined, ...new Set(lists.flatMap((names) => names ?? []))]) {
    const bits = noBits(lists.length);
    lists.forEach((names, rule) => {
      if (names === undefined || (name !== undefined && names.includes(name))) putBit(bits, rule);
    });
    patterns.indexOf(bits);
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
  return { 4: patternsOf(v4.results), 6: patternsOf(v6.results) };
}

/** The rule with its destination as its source. It asks for more, so that no list of rules ends with it. */
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

/** Gives equal sets of bits equal indexes, counting from 0 in the order they first come up. */
class DistinctBits {
  readonly all: Bits[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(bits: Bits): number {
    const key = bits.join();
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.all.length);
    return this.all.push(bits.slice()) - 1;
  }
}
