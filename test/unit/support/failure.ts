import { hintFor } from '../../../src/cli/hints.js';
import { AlfError, type ErrorCode } from '../../../src/errors/index.js';

/** What a user sees of an error. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly errno?: string;
}

/** Runs something that must throw an AlfError, and returns what it says; absent parts are left out. */
export function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    const { code, message, errno } = error;
    const hint = hintFor(error);
    return {
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(errno === undefined ? {} : { errno }),
    };
  }
  throw new Error('nothing was thrown');
}
