import { formatRules } from '../../app/index.js';
import { AlfError } from '../../errors/index.js';
import { createLogger } from '../env.js';
import { FMT_OPTIONS } from '../options.js';
import { parseArgs } from '../parse-options.js';
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
    const { warn } = createLogger(env, { verbose: false, quiet: false });
    env.write(1, formatRules(file, warn));
    return 0;
  },
};
