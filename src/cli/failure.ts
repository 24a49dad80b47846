import { AlfError, exitStatus, formatError } from '../errors/index.js';
import { systemFailure } from '../kernel/index.js';
import { hintFor } from './hints.js';

/** The status of an error in alfwrapper itself. */
const BUG = 125;

/**
 * What to print about anything that was thrown, and the status to exit with.
 *
 * @param verbose whether longer evidence follows
 */
export function describeFailure(
  thrown: unknown,
  verbose: boolean,
): { readonly text: string; readonly status: number } {
  const error = thrown instanceof AlfError ? thrown : systemFailure(thrown);
  if (error !== undefined)
    return { text: formatError(error, verbose, hintFor(error)), status: exitStatus(error.code) };
  return {
    text: `alfwrapper: internal error: ${thrown instanceof Error ? thrown.stack : thrown}\n`,
    status: BUG,
  };
}
