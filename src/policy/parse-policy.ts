import { Cursor } from './cursor.js';
import { parseRuleBody } from './parse-rule.js';
import { parseSet } from './parse-set.js';
import { checkDoubles } from './references.js';
import { refuse } from './refuse.js';
import type {
  CommentStatement,
  DefaultStatement,
  PolicySource,
  RuleStatement,
  Statement,
  Warning,
} from './syntax.js';
import type { Verdict } from './types.js';

/**
 * Reads rule text: any number of statements, one a line.
 *
 * Empty text is a policy without rules, which allows every packet. Undefined sets are not refused
 * yet: another source may define them (see {@link joinPolicies}).
 *
 * @param file the name of the text in messages: a file name, `<stdin>` or an option
 * @throws AlfError ALF_RULE with file, line, column, the offending word and what was expected
 */
export function parsePolicy(text: string, file: string): PolicySource {
  const cursor = new Cursor(text, file);
  const warnings: Warning[] = [];
  const statements: Statement[] = [];
  while (cursor.token.kind !== 'end') statements.push(parseStatement(cursor, warnings));
  const source = { statements: tidyEmptyLines(statements), warnings };
  checkDoubles(source);
  return source;
}

/** One rule, and its warnings. */
export interface ParsedRule {
  readonly rule: RuleStatement;
  readonly warnings: readonly Warning[];
}

/**
 * Reads exactly one rule, `allow …` or `deny …`.
 *
 * @param file the name of the text in messages
 * @throws AlfError ALF_RULE, also for several statements and for none
 */
export function parseRule(text: string, file: string): ParsedRule {
  const { statements, warnings } = parsePolicy(text, file);
  const [rule, second] = statements.filter((statement) => statement.kind !== 'comment');
  if (rule?.kind !== 'rule') {
    refuse(rule?.location ?? { file, line: 1, column: 1 }, 'no rule here: expected allow or deny');
  }
  if (second !== undefined) refuse(second.location, 'a second statement: expected one rule');
  return { rule, warnings };
}

function parseStatement(cursor: Cursor, warnings: Warning[]): Statement {
  const { token } = cursor;
  if (token.kind === 'newline' || token.kind === 'comment') return parseComment(cursor);
  if (cursor.take('allow')) return parseRuleBody(cursor, 'allow', warnings);
  if (cursor.take('deny')) return parseRuleBody(cursor, 'deny', warnings);
  if (cursor.take('default')) return parseDefault(cursor);
  if (cursor.take('set')) return parseSet(cursor, warnings);
  return cursor.refuse();
}

function parseComment(cursor: Cursor): CommentStatement {
  const { location } = cursor;
  return { kind: 'comment', text: cursor.expectEndOfLine(), location };
}

function parseDefault(cursor: Cursor): DefaultStatement {
  const { location } = cursor.lastToken;
  const verdict = parseVerdict(cursor);
  return { kind: 'default', verdict, comment: cursor.expectEndOfLine(), location };
}

function parseVerdict(cursor: Cursor): Verdict {
  if (cursor.take('allow')) return 'allow';
  if (cursor.take('deny')) return 'deny';
  return cursor.refuse();
}

/** Keeps one empty line between statements where there were several, and none at either end. */
function tidyEmptyLines(statements: readonly Statement[]): Statement[] {
  const isEmpty = (statement: Statement | undefined) =>
    statement === undefined || (statement.kind === 'comment' && statement.text === '');
  const tidy = statements.filter((statement, i) => !isEmpty(statement) || !isEmpty(statements[i - 1]));
  return isEmpty(tidy.at(-1)) ? tidy.slice(0, -1) : tidy;
}
