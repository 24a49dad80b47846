import { quote } from '../errors/index.js';
import { complementSet, intersectSets, isEmptySet } from './address-set.js';
import { describeRule } from './describe.js';
import type { Warning } from './syntax.js';
import type { AddressSet, Match, Policy, PortRange, Rule } from './types.js';
import { unreachableRules } from './unreachable.js';

/** One warning if a policy has unreachable rules; it names the first. */
export function warnOfUnreachable(policy: Policy): Warning[] {
  return describeUnreachable(policy, unreachableRules(policy));
}

/**
 * One warning for all rules at the given indexes; no warning without indexes.
 *
 * @param indexes of rules that are unreachable, ascending
 */
export function describeUnreachable(policy: Policy, indexes: readonly number[]): Warning[] {
  const [first] = indexes;
  if (first === undefined) return [];
  const rule = policy.rules[first] as Rule;
  const others = indexes.length - 1;
  const more = others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'rule' : 'rules'})`;
  const message = `${quote(rule.text)} is never reached${more}: ${describeReason(policy.rules.slice(0, first), rule)}`;
  return [{ location: rule.location, message }];
}

function describeReason(earlier: readonly Rule[], { match }: Rule): string {
  const cover = earlier.find((rule) => covers(rule.match, match));
  if (cover !== undefined) return `${describeRule(cover)} matches every packet that it matches`;
  return 'earlier rules together match every packet that it matches';
}

/** Whether `a` matches every packet that `b` matches, compared field by field. */
function covers(a: Match, b: Match): boolean {
  return (
    coversList(a.interfaces, b.interfaces) &&
    coversList(a.protocols, b.protocols) &&
    coversSet(a.source, b.source) &&
    coversPorts(a.sourcePorts, b.sourcePorts) &&
    coversSet(a.destination, b.destination) &&
    coversPorts(a.destinationPorts, b.destinationPorts)
  );
}

function coversList<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): boolean {
  return a === undefined || b?.every((item) => a.includes(item)) === true;
}

function coversSet(a: AddressSet | undefined, b: AddressSet | undefined): boolean {
  if (a === undefined || a === b) return true;
  return b !== undefined && isEmptySet(intersectSets(b, complementSet(a)));
}

/** Compares port ranges. They are merged, so a range is covered by one range of the other rule or not at all. */
function coversPorts(a: readonly PortRange[] | undefined, b: readonly PortRange[] | undefined): boolean {
  if (a === undefined) return true;
  return (
    b?.every((range) => a.some(({ first, last }) => first <= range.first && range.last <= last)) === true
  );
}
