/**
 * Room: cli/commands. Effects.
 *
 * Owns the commands beside launch mode, `alfwrapper NAME …`: what each takes, does and prints. They load apart from a
 * launch, which never needs them.
 *
 * In: CliEnv. Out: an exit status, text on standard output.
 */
import { AlfError, type ErrorCode, formatError } from '../../errors/index.js';
import type { CliEnv } from '../env.js';
import { commandHelp } from '../help.js';
import { hintFor } from '../hints.js';
import { parseOptions } from '../parse-options.js';
import { check } from './check.js';
import type { Command } from './command.js';
import { makeCompletion } from './completion.js';
import { doctor } from './doctor.js';
import { explain } from './explain.js';
import { fmt } from './fmt.js';
import { inspect } from './inspect.js';
import { tryFilter } from './try.js';
import { unit } from './unit.js';

/** All commands, in the order of the manual. */
export const COMMANDS: readonly Command[] = [
  check,
  tryFilter,
  inspect,
  explain,
  doctor,
  fmt,
  unit,
  makeCompletion(() => COMMANDS),
];

const FAILED = 1;
const WRONG_INPUT = 2;

/** What is wrong with what was asked, not with the doing: `check` must not answer it with its "no". */
const INPUT_CODES: readonly ErrorCode[] = [
  'ALF_USAGE',
  'ALF_RULE',
  'ALF_POLICY_INPUT',
  'ALF_ADDRESS',
  'ALF_ENTRY',
];

/**
 * Runs the command that argv names.
 *
 * @returns the exit status: 0 yes or done, 1 no or failed, 2 wrong usage or input
 */
export async function runCommand(env: CliEnv): Promise<number> {
  const [name, ...argv] = env.argv;
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  try {
    if (asksForHelp(command, argv)) {
      env.write(1, `${await commandHelp(command)}\n`);
      return 0;
    }
    return await command.run(argv, env);
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    env.write(2, formatError(error, false, hintFor(error)));
    return INPUT_CODES.includes(error.code) ? WRONG_INPUT : FAILED;
  }
}

function asksForHelp({ options, endsAtFirstWord }: Command, argv: readonly string[]): boolean {
  if (endsAtFirstWord) return parseOptions(argv, options).given.some(({ option }) => option.name === 'help');
  return argv.includes('--help') || argv.includes('-h');
}
