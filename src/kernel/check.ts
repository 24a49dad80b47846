import { getSystemErrorMap } from 'node:util';
import { type Advice, AlfError, type ErrorCode, quote, type Remedy } from '../errors/index.js';
import type { Status } from './ops.js';

/** What helps, by symbolic errno; the key `*` stands for all others. */
export type Hints = Readonly<Record<string, string | Remedy | Advice | undefined>>;

/** What may be behind an errno that the call has no reason of its own for. */
const FORBIDDEN: Hints = {
  EPERM: 'a seccomp filter of the container or the unit may forbid the call; see: alfwrapper doctor',
  ENOSYS: 'the kernel does not have the call, or a seccomp filter hides it; see: alfwrapper doctor',
};

/**
 * Turns a status into its value, or throws what it means.
 *
 * @param what the failed action, to follow "unable to": `bind [::]:80`
 * @throws AlfError with `code`, the errno's name and its text
 */
export function check(status: Status, code: ErrorCode, what: string, hints: Hints = {}): number {
  if (status >= 0) return status;
  const { name, text } = describeErrno(-status);
  const hint = hints[name] ?? hints['*'] ?? FORBIDDEN[name];
  throw new AlfError(code, `unable to ${what}: ${text}`, { errno: name, ...asAdvice(hint) });
}

/**
 * Words an error of a system call that Node.js made for us, which names the call.
 *
 * @returns undefined for any other error
 */
export function systemFailure(thrown: unknown): AlfError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { errno, syscall, path }: NodeJS.ErrnoException = thrown;
  if (errno === undefined || syscall === undefined) return undefined;
  const { name, text } = describeErrno(-errno);
  const hint = FORBIDDEN[name];
  const what = path === undefined ? syscall : `${syscall} ${quote(path)}`;
  return new AlfError('ALF_STATE', `unable to ${what}: ${text}`, { errno: name, ...asAdvice(hint) });
}

function asAdvice(hint: Hints[string]): Advice {
  if (hint === undefined) return {};
  if (typeof hint === 'string') return { hint };
  return 'kind' in hint ? { remedy: hint } : hint;
}

/**
 * What a start meets where a tier is refused, as Node.js words it. Its own table takes a millisecond to build, and a start that
 * goes on to the next tier prints none of it.
 */
export const PROBED: ReadonlyMap<number, readonly [name: string, text: string]> = new Map([
  [1, ['EPERM', 'operation not permitted']],
  [12, ['ENOMEM', 'not enough memory']],
  [13, ['EACCES', 'permission denied']],
  [22, ['EINVAL', 'invalid argument']],
  [38, ['ENOSYS', 'function not implemented']],
  [97, ['EAFNOSUPPORT', 'address family not supported']],
]);

/** The symbolic name and the text of an errno. */
export function describeErrno(errno: number): { readonly name: string; readonly text: string } {
  const [name, text] = PROBED.get(errno) ??
    getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  return { name, text };
}
