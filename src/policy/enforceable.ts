import { refuse } from './refuse.js';
import type { PolicySource } from './syntax.js';
import type { SourceLocation } from './types.js';

/**
 * Refuses what the rule language knows and nothing enforces yet: `limit`, `log` and `refresh`.
 *
 * A rule that is accepted is a rule that holds; leaving out half of it would be worse than refusing it.
 *
 * @throws AlfError ALF_RULE at the first such clause
 */
export function assertEnforceable(source: PolicySource): void {
  for (const statement of source.statements) {
    if (statement.kind === 'rule' && statement.limit !== undefined) {
      refuseClause(statement.limit.location, 'limit', 'the rule');
    }
    if (statement.kind === 'rule' && statement.log !== undefined) {
      refuseClause(statement.log.location, 'log', 'the rule');
    }
    if (statement.kind === 'set-file' && statement.refreshSeconds !== undefined) {
      refuseClause(statement.location, 'refresh', `set ${statement.name}`);
    }
  }
}

function refuseClause(location: SourceLocation, clause: string, owner: string): never {
  refuse(location, `${clause} is not yet enforceable: expected ${owner} without it`);
}
