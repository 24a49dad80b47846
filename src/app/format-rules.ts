import { unquoted } from '../files/index.js';
import { formatPolicy, formatWarnings, parsePolicy, warnOfUnreachableSource } from '../policy/index.js';
import { readPolicyText } from './read-policy.js';

/**
 * The rules of a file in their canonical form.
 *
 * @param path `-` is standard input
 * @param warn takes one line about each rule that is never reached
 * @throws AlfError ALF_RULE or ALF_POLICY_INPUT
 */
export function formatRules(path: string, warn: (line: string) => void): string {
  const { text, file, quotable } = readPolicyText(path);
  const source = unquoted(quotable ? [] : [file], () => parsePolicy(text, file));
  for (const line of formatWarnings(warnOfUnreachableSource(source))) warn(line);
  return formatPolicy(source);
}
