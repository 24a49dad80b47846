import { AlfError } from '../../errors/index.js';
import { formatPolicy, parsePolicy } from '../../policy/index.js';
import { sortWords } from '../cut.js';
import { FMT_OPTIONS } from '../options.js';
import { readPolicyText } from '../read-policy.js';
import { unquoted } from '../unquoted.js';
import type { Command } from './command.js';

/** `alfwrapper fmt FILE`: prints rules in their canonical form. */
export const fmt: Command = {
  name: 'fmt',
  usage: 'FILE',
  describe: 'print the rules of a file in their canonical form; - is standard input',
  options: FMT_OPTIONS,
  words: { kind: 'file' },
  run: async (argv, env) => {
    const [file, ...rest] = sortWords(argv, FMT_OPTIONS).words;
    if (file === undefined || rest.length > 0) {
      throw new AlfError('ALF_USAGE', 'fmt takes one file', { hint: 'expected: alfwrapper fmt FILE' });
    }
    const { text, file: name, quotable } = readPolicyText(file);
    env.write(1, formatPolicy(unquoted(quotable ? [] : [name], () => parsePolicy(text, name))));
    return 0;
  },
};
