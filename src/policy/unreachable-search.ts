import type { AddressFamily } from '../net/index.js';
import { isEmptySet } from './address-set.js';
import { noBits, putBit } from './bits.js';
import { evaluateUnix } from './evaluate.js';
import { PacketSearch } from './packet-search.js';
import { normalizeSources } from './regions/source-regions.js';
import { countSourceRanges, sampleSources } from './source-samples.js';
import type { Policy, Rule } from './types.js';

/** For larger policies samples are tried before all regions are computed. */
const MANY_RANGES = 4096;

/**
 * Finds the rules that no packet and no UNIX socket reaches, see {@link unreachableRules}.
 *
 * @param known rules that packets reach
 * @returns the indexes of the other rules, ascending; without rules that match nothing
 */
export function searchUnreachable(policy: Policy, known: ReadonlySet<Rule>): number[] {
  const { rules } = policy;
  const reached = new ReachedRules(policy, known);
  const unix = evaluateUnix(policy).rule;
  if (countSourceRanges(policy) > MANY_RANGES)
    for (const sample of sampleSources(policy)) reached.walk(sample.family, sample.rules);
  const isOpen = (rule: Rule, index: number) => !reached.has(index) && rule !== unix;
  if (rules.some(isOpen)) walkRegions(policy, reached);
  return rules.flatMap((rule, index) => (isOpen(rule, index) && matchesAnything(rule) ? [index] : []));
}

function walkRegions(policy: Policy, reached: ReachedRules): void {
  const { v4, v6, lists } = normalizeSources(policy);
  for (const index of new Set(v4.results)) reached.walk(4, lists[index] ?? []);
  for (const index of new Set(v6.results)) reached.walk(6, lists[index] ?? []);
}

/** The rules that some packet reaches. */
class ReachedRules {
  readonly #policy: Policy;
  readonly #search: PacketSearch;
  readonly #reached: Set<number>;

  /** @param known rules that packets reach */
  constructor(policy: Policy, known: ReadonlySet<Rule>) {
    this.#policy = policy;
    this.#search = new PacketSearch(policy);
    this.#reached = new Set(policy.rules.flatMap((rule, index) => (known.has(rule) ? [index] : [])));
  }

  has(rule: number): boolean {
    return this.#reached.has(rule);
  }

  /** Adds the rules that packets of one source reach. @param rules the rules that match the source, ascending */
  walk(family: AddressFamily, rules: readonly number[]): void {
    const earlier = noBits(this.#policy.rules.length);
    for (const rule of rules) {
      if (!this.has(rule) && this.#search.reaches(family, rule, earlier)) this.#reached.add(rule);
      putBit(earlier, rule);
    }
  }
}

/** Whether there is a packet or a UNIX socket that the rule matches. */
function matchesAnything(rule: Rule): boolean {
  const policy: Policy = { rules: [rule], default: 'deny' };
  if (evaluateUnix(policy).rule === rule) return true;
  const { source } = rule.match;
  if (source !== undefined && isEmptySet(source)) return false;
  const search = new PacketSearch(policy);
  const nothing = noBits(1);
  const hasSource = (family: AddressFamily) =>
    source === undefined || (family === 4 ? source.v4 : source.v6).length > 0;
  return ([4, 6] as const).some((family) => hasSource(family) && search.reaches(family, 0, nothing));
}
