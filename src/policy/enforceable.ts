import { refuse } from './refuse.js';
import type { PolicySource } from './syntax.js';
import type { SourceLocation } from './types.js';

/**
 * Refuses the clauses that no tier enforces yet: `limit`, `log` and `refresh`.
 *
 * An accepted rule must be enforced completely; ignoring a clause would be worse than refusing it.
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
