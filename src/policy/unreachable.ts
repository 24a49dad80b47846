import { countRanges } from './address-set.js';
import { evaluate } from './evaluate.js';
import { samplePackets } from './sample-packets.js';
import type { Policy, Rule } from './types.js';
import { searchUnreachable } from './unreachable-search.js';

/** Larger policies are not examined: the start of a program does not wait for it. */
const MAX_RULES = 4096;
const MAX_DESTINATION_RANGES = 100_000;
/** Of more rules no packets are tried: each is compared with all rules before the one that matches. */
const MANY_RULES = 128;

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
  return sampled.size === rules.length ? [] : searchUnreachable(policy, sampled);
}

/** The rules that decide about a packet of a few: in most policies all of them, found without computing any region. */
function reachedBySamples(policy: Policy): ReadonlySet<Rule> {
  return new Set(policy.rules.filter((rule) => decidesAboutSample(policy, rule)));
}

/** Stops at the first packet, as most rules decide about that. */
function decidesAboutSample(policy: Policy, rule: Rule): boolean {
  for (const packet of samplePackets(rule)) if (evaluate(policy, packet).rule === rule) return true;
  return false;
}

function hasLargeDestination({ rules }: Policy): boolean {
  const sets = new Set(rules.flatMap(({ match: { destination } }) => destination ?? []));
  return [...sets].reduce((sum, set) => sum + countRanges(set), 0) > MAX_DESTINATION_RANGES;
}
