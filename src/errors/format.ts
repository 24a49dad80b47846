import type { AlfError } from './alf-error.js';
import { onOneLine, printable } from './printable.js';

/**
 * Formats an error for stderr: `alfwrapper: <message> (<ERRNO>)`, then an indented `hint:` line if there is a hint.
 *
 * @param error the error
 * @param detail whether to append the details
 * @param hint the text of the hint
 * @returns the text with its final newline
 */
export function formatError(error: AlfError, detail = false, hint = error.hint): string {
  const errno = error.errno === undefined ? '' : ` (${error.errno})`;
  const lines = [`alfwrapper: ${onOneLine(error.message)}${errno}`];
  if (hint !== undefined) lines.push(`  hint: ${onOneLine(hint)}`);
  if (detail && error.detail) lines.push(printable(error.detail.trimEnd()));
  return `${lines.join('\n')}\n`;
}
