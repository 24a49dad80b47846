import { Cursor } from './cursor.js';
import { parsePeers } from './parse-peers.js';
import { parsePolicy } from './parse-policy.js';
import { joinPolicies } from './references.js';
import { refuse } from './refuse.js';
import type { PolicySource, RuleStatement, Warning } from './syntax.js';
import type { Verdict } from './types.js';

/** One rule option of the command line; for `--policy FILE` the content of the file. */
export type PolicyOption =
  | { readonly option: 'allow' | 'deny' | 'rule'; readonly text: string }
  | { readonly option: 'policy'; readonly text: string; readonly file: string };

/**
 * Reads the rule options of a command line as one policy, in their order.
 *
 * `--allow PEERS` means `--rule 'allow from PEERS'`; the same for `--deny`. `--rule` accepts any statement of the rule
 * language. Messages name the option (`--allow`) or the file.
 *
 * @throws AlfError ALF_RULE
 */
export function policyFromOptions(options: readonly PolicyOption[]): PolicySource {
  const joined = joinPolicies(options.map(parseOption));
  const [first] = options;
  const decides = joined.statements.some(({ kind }) => kind === 'rule' || kind === 'default');
  if (decides || first === undefined) return joined;
  const file = first.option === 'policy' ? first.file : `--${first.option}`;
  const message = 'there is no rule and no default: every packet is allowed';
  return { ...joined, warnings: [...joined.warnings, { location: { file, line: 1, column: 1 }, message }] };
}

function parseOption(option: PolicyOption): PolicySource {
  if (option.option === 'policy') return parsePolicy(option.text, option.file);
  const file = `--${option.option}`;
  return option.option === 'rule'
    ? parseRuleOption(option.text, file)
    : parsePeersOption(option.option, option.text, file);
}

function parseRuleOption(text: string, file: string): PolicySource {
  const source = parsePolicy(text, file);
  if (source.statements.every((statement) => statement.kind === 'comment')) {
    refuse({ file, line: 1, column: 1 }, 'no rule here: expected allow, deny, default or set');
  }
  return source;
}

function parsePeersOption(verdict: Verdict, text: string, file: string): PolicySource {
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
