import { formatLocation, refuse } from './refuse.js';
import type { Peer, PolicySource, SetPeer, Statement } from './syntax.js';
import type { SourceLocation } from './types.js';

/**
 * Concatenates sources: the rules of the first come first, and all share their sets.
 *
 * @throws AlfError ALF_RULE if a set or the default is given twice
 */
export function joinPolicies(sources: readonly PolicySource[]): PolicySource {
  const joined = {
    statements: sources.flatMap((source) => source.statements),
    warnings: sources.flatMap((source) => source.warnings),
  };
  checkDoubles(joined);
  return joined;
}

/**
 * Checks that nothing is given twice: no set, and not the default.
 *
 * @throws AlfError ALF_RULE
 */
export function checkDoubles(source: PolicySource): void {
  const seen = new Map<string, SourceLocation>();
  for (const statement of source.statements) {
    const what = describeSingular(statement);
    if (what === undefined) continue;
    const earlier = seen.get(what);
    if (earlier !== undefined) {
      refuse(
        statement.location,
        `${what} is given twice: expected one; the first is at ${formatLocation(earlier)}`,
      );
    }
    seen.set(what, statement.location);
  }
}

/**
 * Checks that every set in use is defined: anywhere for rules, above for sets, so that no set can hold itself.
 *
 * @throws AlfError ALF_RULE
 */
export function checkReferences(source: PolicySource): void {
  const everywhere = new Set(
    source.statements.flatMap((statement) => ('name' in statement ? [statement.name] : [])),
  );
  const above = new Set<string>();
  for (const statement of source.statements) {
    const known = statement.kind === 'set' ? above : everywhere;
    const unknown = peersOf(statement).find(
      (peer): peer is SetPeer => peer.kind === 'set' && !known.has(peer.name),
    );
    if (unknown !== undefined) refuseUnknown(unknown, everywhere);
    if ('name' in statement) above.add(statement.name);
  }
}

/** Every peer that a statement names, in the order written. */
export function peersOf(statement: Statement): Peer[] {
  if (statement.kind === 'set') return statement.lines.flatMap((line) => line.peers);
  if (statement.kind !== 'rule') return [];
  return [...(statement.from?.peers ?? []), ...(statement.to?.peers ?? [])];
}

function refuseUnknown(peer: SetPeer, defined: ReadonlySet<string>): never {
  if (defined.has(peer.name)) {
    refuse(
      peer.location,
      `@${peer.name} is defined further down: expected a set that is defined above this one`,
    );
  }
  const names = [...defined].map((name) => `@${name}`).join(', ');
  const hint = names === '' ? `define it: set ${peer.name} { … }` : `the sets are ${names}`;
  refuse(peer.location, `@${peer.name} is not defined: expected the name of a set`, hint);
}

function describeSingular(statement: Statement): string | undefined {
  if (statement.kind === 'default') return 'default';
  return 'name' in statement ? `set ${statement.name}` : undefined;
}
