import type { RuleInput } from '../app/index.js';
import type { ParsedOption } from './parse-options.js';

/** The pieces of a policy among options, in order; messages call the text of an option by its name. */
export function readRules(given: readonly ParsedOption[]): RuleInput[] {
  return given.flatMap(({ option: { name }, value }): RuleInput[] => {
    if (name === 'policy') return [{ kind: name, path: String(value) }];
    if (name !== 'allow' && name !== 'deny' && name !== 'rule') return [];
    return [{ kind: name, text: String(value), file: `--${name}` }];
  });
}
