import { LISTEN_VARIABLES } from '../activation/index.js';
import { AlfError, quote } from '../errors/index.js';

/** What stands for a byte that is not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Checks a name for LISTEN_FDNAMES: 1 to 255 printable ASCII characters, none of them a colon.
 *
 * @throws AlfError ALF_USAGE
 * @see sd_listen_fds(3), systemd.socket(5) FileDescriptorName=
 */
export function parseFdname(text: string): string {
  if (/^[ -9;-~]{1,255}$/.test(text)) return text;
  throw new AlfError('ALF_USAGE', `option --fdname does not take ${quote(text)}`, {
    hint: 'expected 1 to 255 printable ASCII characters without a colon',
  });
}

/**
 * Checks that a value is one of those that an option takes.
 *
 * @throws AlfError ALF_USAGE
 */
export function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new AlfError('ALF_USAGE', `option --${option} does not take ${quote(value)}`, {
    hint: `expected one of: ${choices.join(', ')}`,
  });
}

/**
 * Reads permissions in octal: `660`, `0660`.
 *
 * @throws AlfError ALF_USAGE
 */
export function parseMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw new AlfError('ALF_USAGE', `option --socket-mode does not take ${quote(text)}`, {
    hint: 'expected three octal digits: 0660',
  });
}

/** More processes than that no machine has by default: `kernel.threads-max`, `pids.max`. */
const LARGEST_COUNT = 65536;

/**
 * Reads how many of something there may be: 1 to 65536.
 *
 * @throws AlfError ALF_USAGE
 */
export function parseCount(text: string, option: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= LARGEST_COUNT) return count;
  throw new AlfError('ALF_USAGE', `option --${option} does not take ${quote(text)}`, {
    hint: `expected a number from 1 to ${LARGEST_COUNT}`,
  });
}

/**
 * Reads a variable for the target: `NAME=VALUE` gives it, `NAME` alone nothing, for what we have is passed on.
 *
 * @throws AlfError ALF_USAGE
 */
export function parseVariable(text: string): string[] {
  const name = text.split('=', 1)[0] ?? '';
  const reason = reasonAgainst(text, name);
  if (reason === undefined) return text === name ? [] : [text];
  throw new AlfError('ALF_USAGE', `option --setenv does not take ${quote(text)}: ${reason}`, {
    hint: 'expected NAME=VALUE or NAME',
  });
}

function reasonAgainst(text: string, name: string): string | undefined {
  if (name === '') return 'it has no name';
  if (LISTEN_VARIABLES.includes(name)) return 'it tells the program of its sockets';
  return text.includes(REPLACEMENT) ? 'it is not UTF-8' : undefined;
}
