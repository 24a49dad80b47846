import { Cursor } from './cursor.js';
import { parsePeers } from './parse-peers.js';
import { parsePolicy } from './parse-policy.js';
import { joinPolicies } from './references.js';
import { refuse } from './refuse.js';
import type { PolicySource, RuleStatement, Warning } from './syntax.js';
import type { Verdict } from './types.js';

/** A piece of a policy that is put together from several. */
export interface PolicyPart {
  /** What the text is: peers with a verdict, a statement, or a whole file of them. */
  readonly kind: 'allow' | 'deny' | 'rule' | 'policy';
  readonly text: string;
  /** What messages call it: a file, or `--allow` for the value of an option. */
  readonly file: string;
}

/**
 * Reads the parts of a policy as one, in the order given.
 *
 * Peers to allow are the statement `allow from PEERS`, and so for those to deny. A rule is any statement of the rule
 * language.
 *
 * @throws AlfError ALF_RULE
 */
export function policyFromParts(parts: readonly PolicyPart[]): PolicySource {
  const joined = joinPolicies(parts.map(parsePart));
  const [first] = parts;
  const decides = joined.statements.some(({ kind }) => kind === 'rule' || kind === 'default');
  if (decides || first === undefined) return joined;
  const { file } = first;
  const message = 'no rule and no default given: every packet is allowed';
  return { ...joined, warnings: [...joined.warnings, { location: { file, line: 1, column: 1 }, message }] };
}

function parsePart({ kind, text, file }: PolicyPart): PolicySource {
  if (kind === 'policy') return parsePolicy(text, file);
  return kind === 'rule' ? parseStatement(text, file) : parseVerdict(kind, text, file);
}

function parseStatement(text: string, file: string): PolicySource {
  const source = parsePolicy(text, file);
  if (source.statements.every((statement) => statement.kind === 'comment')) {
    refuse({ file, line: 1, column: 1 }, 'no rule here: expected allow, deny, default or set');
  }
  return source;
}

function parseVerdict(verdict: Verdict, text: string, file: string): PolicySource {
  const warnings: Warning[] = [];
  const cursor = new Cursor(text, file);
  const { token } = cursor;
  const peers = parsePeers(cursor, verdict, warnings);
  const rule: RuleStatement = {
    ...emptyRule,
    verdict,
    from: { peers, ports: undefined },
    text: `${verdict} from ${cursor.textSince(token)}`,
    comment: cursor.expectEndOfLine(),
    location: token.location,
  };
  if (!cursor.takeKind('end', 'the end of the text')) cursor.refuse();
  return { statements: [rule], warnings };
}

const emptyRule = {
  kind: 'rule',
  interfaces: undefined,
  protocols: undefined,
  to: undefined,
  limit: undefined,
  log: undefined,
} as const;
