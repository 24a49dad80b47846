import type { AlfError } from './alf-error.js';
import { onOneLine, printable } from './printable.js';

/**
 * Lays an error out for stderr: `alfwrapper: <message> (<ERRNO>)`, then an indented `hint:` line if there is one.
 *
 * @param error what to show
 * @param detail whether the longer evidence, where there is any, follows below
 * @param hint what stands on the hint's line
 * @returns the text with its final newline
 */
export function formatError(error: AlfError, detail = false, hint = error.hint): string {
  const errno = error.errno === undefined ? '' : ` (${error.errno})`;
  const lines = [`alfwrapper: ${onOneLine(error.message)}${errno}`];
  if (hint !== undefined) lines.push(`  hint: ${onOneLine(hint)}`);
  if (detail && error.detail) lines.push(printable(error.detail.trimEnd()));
  return `${lines.join('\n')}\n`;
}
