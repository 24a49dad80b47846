import type { AddressFamily } from '../net/index.js';
import { countRanges, isEmptySet } from './address-set.js';
import { noBits, putBit } from './bits.js';
import { evaluate, evaluateUnix } from './evaluate.js';
import { PacketSearch } from './packet-search.js';
import { normalizeSources } from './regions.js';
import { samplePackets } from './sample-packets.js';
import { countSourceRanges, sampleSources } from './source-samples.js';
import type { Policy, Rule } from './types.js';

/** Larger policies are not examined: the start of a program does not wait for it. */
const MAX_RULES = 4096;
const MAX_DESTINATION_RANGES = 100_000;
/** Of more rules no packets are tried: each is compared with all rules before the one that matches. */
const MANY_RULES = 128;
/** From here on samples are tried before all regions are computed. */
const MANY_RANGES = 4096;

/**
 * Finds the rules that decide about no packet because earlier rules match every packet that they match.
 *
 * Exact for IP packets and UNIX sockets, but very large policies are not examined: a rule that is found is unreachable,
 * a rule that is not found may be. Rules that match nothing by themselves are not found.
 *
 * @returns their indexes, ascending
 */
export function unreachableRules(policy: Policy): number[] {
  const { rules } = policy;
  if (rules.length < 2 || rules.length > MAX_RULES || hasLargeDestination(policy)) return [];
  const sampled = rules.length > MANY_RULES ? new Set<Rule>() : reachedBySamples(policy);
  if (sampled.size === rules.length) return [];
  const reached = new ReachedRules(policy, sampled);
  const unix = evaluateUnix(policy).rule;
  if (countSourceRanges(policy) > MANY_RANGES)
    for (const sample of sampleSources(policy)) reached.walk(sample.family, sample.rules);
  const isOpen = (rule: Rule, index: number) => !reached.has(index) && rule !== unix;
  if (rules.some(isOpen)) walkRegions(policy, reached);
  return rules.flatMap((rule, index) => (isOpen(rule, index) && matchesAnything(rule) ? [index] : []));
}

/** The rules that decide about packets of a few: in most policies all of them, found without computing any region. */
function reachedBySamples(policy: Policy): ReadonlySet<Rule> {
  const decisions = policy.rules.flatMap(samplePackets).map((packet) => evaluate(policy, packet));
  return new Set(decisions.flatMap(({ rule }) => rule ?? []));
}

function walkRegions(policy: Policy, reached: ReachedRules): void {
  const { v4, v6, lists } = normalizeSources(policy);
  for (const index of new Set(v4.lists)) reached.walk(4, lists[index] ?? []);
  for (const index of new Set(v6.lists)) reached.walk(6, lists[index] ?? []);
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

  /** Adds the rules that packets of one source reach. @param rules those that match the source, ascending */
  walk(family: AddressFamily, rules: readonly number[]): void {
    const earlier = noBits(this.#policy.rules.length);
    for (const rule of rules) {
      if (!this.has(rule) && this.#search.reaches(family, rule, earlier)) this.#reached.add(rule);
      putBit(earlier, rule);
    }
  }
}

function hasLargeDestination({ rules }: Policy): boolean {
  const sets = new Set(rules.flatMap(({ match: { destination } }) => destination ?? []));
  return [...sets].reduce((sum, set) => sum + countRanges(set), 0) > MAX_DESTINATION_RANGES;
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
