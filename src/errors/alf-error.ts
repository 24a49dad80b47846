import type { ErrorCode } from './catalogue.js';
import type { Remedy } from './remedy.js';

/** What an {@link AlfError} carries beside its message. */
export interface AlfErrorOptions {
  /** What the reader can do about it: one sentence, printed on a line of its own. */
  readonly hint?: string;
  /** What the reader can do about it by an option of the command line. */
  readonly remedy?: Remedy;
  /** The symbolic errno behind it, `EADDRINUSE`, when a system call refused. */
  readonly errno?: string;
  /** Longer evidence (a verifier log), shown only on request. */
  readonly detail?: string;
}

/**
 * The one error type that reaches a user: a code from the catalogue, one line that says what could not be done
 * and why, and a hint.
 *
 * Anything else that is thrown is a bug of ours and is reported as one.
 */
export class AlfError extends Error {
  override readonly name = 'AlfError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly remedy: Remedy | undefined;
  readonly errno: string | undefined;
  readonly detail: string | undefined;

  /** The bundles of the launch and of the commands have a copy of this class each; an error of either is one of ours. */
  static override [Symbol.hasInstance](value: unknown): value is AlfError {
    return value instanceof Error && value.name === 'AlfError';
  }

  constructor(code: ErrorCode, message: string, options: AlfErrorOptions = {}) {
    super(message);
    this.code = code;
    this.hint = options.hint;
    this.remedy = options.remedy;
    this.errno = options.errno;
    this.detail = options.detail;
  }
}
