import { countRanges } from './address-set.js';
import { evaluate } from './evaluate.js';
import { samplePackets } from './sample-packets.js';
import type { Policy, Rule } from './types.js';
import { searchUnreachable } from './unreachable-search.js';

/** Larger policies are not examined, so that a start does not wait. */
const MAX_RULES = 4096;
const MAX_DESTINATION_RANGES = 100_000;
/** With more rules no packets are tried: each is compared with all rules before its match. */
const MANY_RULES = 128;

/**
 * Finds the rules that decide no packet, because earlier rules match all their packets.
 *
 * A rule that is found is unreachable. Others may be too: very large policies are not examined, and
 * rules that match nothing are not reported.
 *
 * @returns their indexes, ascending
 */
export function unreachableRules(policy: Policy): number[] {
  const { rules } = policy;
  if (rules.length < 2 || rules.length > MAX_RULES || hasLargeDestination(policy)) return [];
  const sampled = rules.length > MANY_RULES ? new Set<Rule>() : reachedBySamples(policy);
  return sampled.size === rules.length ? [] : searchUnreachable(policy, sampled);
}

/** The rules that decide one of a few packets: in most policies all rules, without computing regions. */
function reachedBySamples(policy: Policy): ReadonlySet<Rule> {
  return new Set(policy.rules.filter((rule) => decidesAboutSample(policy, rule)));
}

/** Stops at the first packet, which decides most rules. */
function decidesAboutSample(policy: Policy, rule: Rule): boolean {
  for (const packet of samplePackets(rule)) if (evaluate(policy, packet).rule === rule) return true;
  return false;
}

function hasLargeDestination({ rules }: Policy): boolean {
  const sets = new Set(rules.flatMap(({ match: { destination } }) => destination ?? []));
  return [...sets].reduce((sum, set) => sum + countRanges(set), 0) > MAX_DESTINATION_RANGES;
}
