import { AlfError } from '../../errors/index.js';
import { formatPolicy, formatWarnings, parsePolicy, warnOfUnreachableSource } from '../../policy/index.js';
import { createLogger } from '../env.js';
import { FMT_OPTIONS } from '../options.js';
import { parseArgs } from '../parse-options.js';
import { readPolicyText } from '../read-policy.js';
import { unquoted } from '../unquoted.js';
import type { Command } from './command.js';

/** `alfwrapper fmt FILE`: prints rules in their canonical form, and warns about unreachable rules. */
export const fmt: Command = {
  name: 'fmt',
  usage: 'FILE',
  describe: 'print the rules of a file in their canonical form; - is standard input',
  options: FMT_OPTIONS,
  words: { kind: 'file' },
  run: async (argv, env) => {
    const [file, ...rest] = parseArgs(argv, FMT_OPTIONS).words;
    if (file === undefined || rest.length > 0) {
      throw new AlfError('ALF_USAGE', 'fmt takes one file', { hint: 'expected: alfwrapper fmt FILE' });
    }
    const { text, file: name, quotable } = readPolicyText(file);
    const source = unquoted(quotable ? [] : [name], () => parsePolicy(text, name));
    const { warn } = createLogger(env, { verbose: false, quiet: false });
    for (const line of formatWarnings(warnOfUnreachableSource(source))) warn(line);
    env.write(1, formatPolicy(source));
    return 0;
  },
};
