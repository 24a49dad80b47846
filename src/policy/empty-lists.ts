import { quote } from '../errors/index.js';
import { isEmptySet } from './address-set.js';
import { peersOf } from './references.js';
import type { SetTable } from './resolve-peers.js';
import type { PolicySource, SetFileStatement, Warning } from './syntax.js';
import type { Verdict } from './types.js';

/**
 * One warning for each empty set file that only `deny` rules use: they deny no address. A failed download looks like
 * this. An empty list of `allow` rules is safe.
 */
export function warnOfEmptyLists(source: PolicySource, { sets }: SetTable): Warning[] {
  return source.statements.flatMap((statement) => {
    if (statement.kind !== 'set-file') return [];
    const set = sets.get(statement.name);
    const users = verdictsOf(statement, source);
    const isRisk = set !== undefined && isEmptySet(set) && users.has('deny') && !users.has('allow');
    if (!isRisk) return [];
    const { name, path, location } = statement;
    const message = `set ${name} is empty: ${quote(path)} has no entries, so deny rules with @${name} deny no address of it`;
    return [{ location, message }];
  });
}

/** The verdicts of the rules that use a set, directly or as part of another set. */
function verdictsOf({ name }: SetFileStatement, source: PolicySource): ReadonlySet<Verdict> {
  const names = new Set([name]);
  const verdicts = new Set<Verdict>();
  const uses = (statement: PolicySource['statements'][number]) =>
    peersOf(statement).some((peer) => peer.kind === 'set' && names.has(peer.name));
  // A set holds only sets that are defined above it; a rule may stand above all of them.
  for (const statement of source.statements)
    if (statement.kind === 'set' && uses(statement)) names.add(statement.name);
  for (const statement of source.statements)
    if (statement.kind === 'rule' && uses(statement)) verdicts.add(statement.verdict);
  return verdicts;
}
