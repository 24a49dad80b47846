import { portProtocols } from '../net/index.js';
import { isFullSet } from './address-set.js';
import { warnOfEmptyLists } from './empty-lists.js';
import { assertEnforceable } from './enforceable.js';
import type { PolicyInputs } from './inputs.js';
import { warnOfPorts } from './interfaces.js';
import { mergeRanges } from './merge-ranges.js';
import { checkReferences } from './references.js';
import { type ReadList, resolvePeers, resolveSets, type SetTable } from './resolve-peers.js';
import type { PolicySource, RuleStatement, SideClause, Warning } from './syntax.js';
import type { AddressSet, Match, Policy, Rule, Verdict } from './types.js';
import { warnOfUnreachable } from './unreachable-warning.js';

/** A policy that back-ends can compile, and its warnings. */
export interface ResolvedPolicy {
  readonly policy: Policy;
  /** The formats of the set files. */
  readonly lists: readonly ReadList[];
  readonly warnings: readonly Warning[];
}

/**
 * Turns rules as written into a policy: every word, set and host name becomes addresses.
 *
 * Lists of all addresses become `undefined`, which matches anything; `port` without `proto` becomes TCP and UDP.
 * Without a `default` statement the default is `deny` if any rule allows, otherwise `allow`. Rules that name the same
 * set alone share one {@link AddressSet}, so that back-ends can encode it once.
 *
 * @throws AlfError ALF_RULE for a set that is not defined, a host without an address, bad text in a set file, and
 *   clauses that no tier enforces yet
 */
export function resolvePolicy(source: PolicySource, inputs: PolicyInputs): ResolvedPolicy {
  checkReferences(source);
  assertEnforceable(source);
  const sets = resolveSets(source, inputs);
  const policy = resolveWith(sets, source, inputs);
  return {
    policy,
    lists: sets.lists,
    warnings: [
      ...source.warnings,
      ...sets.warnings,
      ...warnOfPorts(source, inputs),
      ...warnOfEmptyLists(source, sets),
      ...warnOfUnreachable(policy),
    ],
  };
}

/**
 * The policy alone, without the warnings.
 *
 * @throws AlfError ALF_RULE for a host without an address and bad text in a set file
 */
export function resolveRules(source: PolicySource, inputs: PolicyInputs): Policy {
  return resolveWith(resolveSets(source, inputs), source, inputs);
}

function resolveWith(sets: SetTable, source: PolicySource, inputs: PolicyInputs): Policy {
  const rules = source.statements
    .filter((statement) => statement.kind === 'rule')
    .map((statement) => resolveRule(statement, sets, inputs));
  return { rules, default: defaultVerdict(source, rules) };
}

function defaultVerdict(source: PolicySource, rules: readonly Rule[]): Verdict {
  const written = source.statements.find((statement) => statement.kind === 'default');
  if (written !== undefined) return written.verdict;
  return rules.some((rule) => rule.verdict === 'allow') ? 'deny' : 'allow';
}

function resolveRule(statement: RuleStatement, sets: SetTable, inputs: PolicyInputs): Rule {
  const { verdict, interfaces, protocols, from, to, location, text } = statement;
  const hasPorts = from?.ports !== undefined || to?.ports !== undefined;
  const match: Match = {
    interfaces: distinct(interfaces?.map((name) => inputs.interfaces.get(name)?.name ?? name)),
    protocols: distinct(protocols ?? (hasPorts ? portProtocols : undefined)),
    source: resolveSide(from, sets, inputs),
    sourcePorts: from?.ports && mergeRanges(from.ports),
    destination: resolveSide(to, sets, inputs),
    destinationPorts: to?.ports && mergeRanges(to.ports),
  };
  return { verdict, match, location, text };
}

function resolveSide(
  side: SideClause | undefined,
  sets: SetTable,
  inputs: PolicyInputs,
): AddressSet | undefined {
  if (side === undefined) return undefined;
  const set = resolvePeers(side.peers, sets, inputs);
  return isFullSet(set) ? undefined : set;
}

function distinct<T>(items: readonly T[] | undefined): T[] | undefined {
  return items === undefined ? undefined : [...new Set(items)];
}
