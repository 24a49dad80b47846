import { getSystemErrorMap } from 'node:util';
import { AlfError, type ErrorCode } from '../errors/index.js';
import type { Status } from './ops.js';

/** Hints by symbolic errno; the key `*` stands for all others. */
export type Hints = Readonly<Record<string, string | undefined>>;

/**
 * Turns a status into its value, or throws what it means.
 *
 * @param what the failed action, to follow "unable to": `bind [::]:80`
 * @throws AlfError with `code`, the errno's name and its text
 */
export function check(status: Status, code: ErrorCode, what: string, hints: Hints = {}): number {
  if (status >= 0) return status;
  const { name, text } = describeErrno(-status);
  const hint = hints[name] ?? hints['*'];
  throw new AlfError(code, `unable to ${what}: ${text}`, {
    errno: name,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The symbolic name and the text of an errno. */
export function describeErrno(errno: number): { readonly name: string; readonly text: string } {
  const [name, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  return { name, text };
}
