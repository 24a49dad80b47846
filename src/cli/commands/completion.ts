import { readFileSync } from 'node:fs';
import { AlfError, quote } from '../../errors/index.js';
import { bashTables } from '../completion/bash.js';
import { fishTables } from '../completion/fish.js';
import { type CompletionTable, completionTables } from '../completion/model.js';
import { zshTables } from '../completion/zsh.js';
import { COMPLETION_OPTIONS } from '../options.js';
import { parseArgs } from '../parse-options.js';
import type { Command } from './command.js';

/** Renders the completion tables for each shell; `scripts/completion.SHELL` reads them. */
const SHELLS: Readonly<Record<string, (tables: readonly CompletionTable[]) => string>> = {
  bash: bashTables,
  zsh: zshTables,
  fish: fishTables,
};

const USAGE = `expected: alfwrapper completion ${Object.keys(SHELLS).join('|')}`;

/**
 * `alfwrapper completion bash|zsh|fish`: prints the completion script of a shell, for alfwrapper's options and the
 * program's own arguments.
 *
 * @param commands returns all commands, this one included; called when the command runs
 */
export function makeCompletion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    usage: 'bash|zsh|fish',
    describe: 'print the completion script of a shell',
    options: COMPLETION_OPTIONS,
    words: { kind: 'words', words: Object.keys(SHELLS) },
    run: async (argv, env) => {
      const [shell, ...rest] = parseArgs(argv, COMPLETION_OPTIONS).words;
      if (shell === undefined || rest.length > 0) {
        throw new AlfError('ALF_USAGE', 'completion takes one shell', { hint: USAGE });
      }
      const tables = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (tables === undefined) {
        throw new AlfError('ALF_USAGE', `no completion for ${quote(shell)}`, { hint: USAGE });
      }
      const head = shell === 'zsh' ? '#compdef alfwrapper\n' : '';
      const walk = readFileSync(`${env.root}/scripts/completion.${shell}`, 'utf8');
      env.write(1, `${head}${tables(completionTables(commands()))}\n${walk}`);
      return 0;
    },
  };
}
