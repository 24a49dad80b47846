import type { AddressFamily } from '../net/index.js';
import { type Bits, commonBits, hasBit } from './bits.js';
import { type Patterns, type RulePatterns, rulePatterns } from './rule-patterns.js';
import type { Policy } from './types.js';

/** The limit of a search; after it every rule counts as reached. */
const MAX_STEPS = 500_000;

/** Looks for packets that a rule matches and earlier rules do not, given the rules that match their source. */
export class PacketSearch {
  readonly #patterns: RulePatterns;
  /** The patterns with a rule, by field; the same for every source. */
  readonly #own = { 4: new Map<number, Patterns[]>(), 6: new Map<number, Patterns[]>() };
  #steps = 0;

  /** @param policy the rules that all numbers of rules refer to */
  constructor(policy: Policy) {
    this.#patterns = rulePatterns(policy);
  }

  /**
   * Whether a packet reaches a rule.
   *
   * @param earlier the rules before it that match the source
   */
  reaches(family: AddressFamily, rule: number, earlier: Bits): boolean {
    const own = this.#patternsOf(family, rule);
    if (own.some((patterns) => patterns.length === 0)) return false;
    return commonBits(earlier, earlier) === undefined || this.#escapes(own, 0, earlier);
  }

  #patternsOf(family: AddressFamily, rule: number): Patterns[] {
    const known = this.#own[family].get(rule);
    if (known !== undefined) return known;
    const fields = [this.#patterns.destinations[family], ...this.#patterns.numbers];
    const own = fields.map((patterns) => patterns.filter((pattern) => hasBit(pattern, rule)));
    this.#own[family].set(rule, own);
    return own;
  }

  /** Whether some value of each remaining field leaves no earlier rule that matches. */
  #escapes(fields: readonly Patterns[], field: number, earlier: Bits): boolean {
    return (fields[field] ?? []).some((pattern) => {
      this.#steps += 1;
      if (this.#steps > MAX_STEPS) return true;
      const left = commonBits(earlier, pattern);
      return left === undefined || this.#escapes(fields, field + 1, left);
    });
  }
}
