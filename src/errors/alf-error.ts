import type { ErrorCode } from './catalogue.js';
import type { Advice, Remedy } from './remedy.js';

/** The optional parts of an {@link AlfError}. The hint is one sentence, printed on a separate line. */
export interface AlfErrorOptions extends Advice {
  /** The symbolic errno of a failed system call, such as `EADDRINUSE`. */
  readonly errno?: string;
  /** Details (a verifier log), printed on request only. */
  readonly detail?: string;
}

/**
 * The only error type that users see: a code from the catalogue, one line with the failed step and the reason, and a
 * hint.
 *
 * Any other error is a bug and is reported as one.
 */
export class AlfError extends Error {
  override readonly name = 'AlfError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly remedy: Remedy | undefined;
  readonly errno: string | undefined;
  readonly detail: string | undefined;

  /** True for the AlfError of any bundle: the launch and the commands each have a copy of this class. */
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
