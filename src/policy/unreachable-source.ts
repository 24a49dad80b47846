import { noInputs } from './inputs.js';
import { peersOf } from './references.js';
import { resolveRules } from './resolve.js';
import type { Peer, PolicySource, RuleStatement, SetStatement, SideClause, Warning } from './syntax.js';
import { unreachableRules } from './unreachable.js';
import { describeUnreachable } from './unreachable-warning.js';

/** The maximum rules with unknown addresses to examine: each needs a separate search. */
const MAX_OPEN_RULES = 100;

/**
 * The warning of unreachable rules for rules as written, before any file is read or host looked up.
 *
 * A rule is open if it depends on a file, a host or a set that is not defined here, or has a limit, which passes some of
 * its packets on to later rules. An open rule covers no other rule. It is unreachable only if it is unreachable with any
 * addresses.
 */
export function warnOfUnreachableSource(source: PolicySource): Warning[] {
  const sets = knownSets(source);
  const names = new Set(sets.map(({ name }) => name));
  const rules = source.statements.filter((statement) => statement.kind === 'rule');
  const isOpen = (rule: RuleStatement) => rule.limit !== undefined || !peersOf(rule).every(isKnown(names));
  const covering = rules.map((rule) => (isOpen(rule) ? withoutAddresses(rule) : rule)).map(withoutEffects);
  const resolve = (statements: readonly RuleStatement[]) =>
    resolveRules({ statements: [...sets, ...statements], warnings: [] }, noInputs);
  const policy = resolve(covering);
  // Each open rule is examined in a separate policy.
  const policies = new Map(unreachableRules(policy).map((index) => [index, policy]));
  const open = rules.flatMap((rule, index) => (isOpen(rule) ? [index] : []));
  for (const index of open.slice(0, MAX_OPEN_RULES)) {
    const candidate = withoutEffects(withAnyAddress(rules[index] as RuleStatement, names));
    const withCandidate = resolve([...covering.slice(0, index), candidate]);
    if (unreachableRules(withCandidate).includes(index)) policies.set(index, withCandidate);
  }
  const indexes = [...policies.keys()].sort((a, b) => a - b);
  return describeUnreachable(policies.get(indexes[0] ?? 0) ?? policy, indexes);
}

/** The sets without files, hosts or undefined sets. */
function knownSets(source: PolicySource): SetStatement[] {
  const known: SetStatement[] = [];
  for (const statement of source.statements) {
    const names = new Set(known.map(({ name }) => name));
    if (statement.kind === 'set' && peersOf(statement).every(isKnown(names))) known.push(statement);
  }
  return known;
}

function isKnown(names: ReadonlySet<string>): (peer: Peer) => boolean {
  return (peer) => peer.kind !== 'host' && (peer.kind !== 'set' || names.has(peer.name));
}

/** The rule, changed to match nothing. */
function withoutAddresses(rule: RuleStatement): RuleStatement {
  const none = (side: SideClause | undefined) => ({ peers: [], ports: side?.ports });
  return { ...rule, from: none(rule.from), to: none(rule.to) };
}

/** The rule, changed to match any address in place of unknown ones. */
function withAnyAddress(rule: RuleStatement, names: ReadonlySet<string>): RuleStatement {
  const open = (side: SideClause | undefined): SideClause | undefined => {
    if (side === undefined || side.peers.every(isKnown(names))) return side;
    return { peers: [{ kind: 'word', word: 'any', location: rule.location }], ports: side.ports };
  };
  return { ...rule, from: open(rule.from), to: open(rule.to) };
}

/** The rule without the clauses that do not affect its match. */
function withoutEffects(rule: RuleStatement): RuleStatement {
  return { ...rule, limit: undefined, log: undefined };
}
