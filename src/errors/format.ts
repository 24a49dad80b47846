import type { AlfError } from './alf-error.js';

// A message quotes what users and compilers wrote; a stray control character must not reach a terminal or add a line.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]+/g;

/**
 * Lays an error out for stderr: `alfwrapper: <message> (<ERRNO>)`, then an indented `hint:` line if there is one.
 *
 * @param error what to show
 * @param detail whether the longer evidence, where there is any, follows below
 * @returns the text with its final newline
 */
export function formatError(error: AlfError, detail = false): string {
  const errno = error.errno === undefined ? '' : ` (${error.errno})`;
  const lines = [`alfwrapper: ${oneLine(error.message)}${errno}`];
  if (error.hint !== undefined) lines.push(`  hint: ${oneLine(error.hint)}`);
  if (detail && error.detail) lines.push(error.detail.trimEnd());
  return `${lines.join('\n')}\n`;
}

function oneLine(text: string): string {
  return text.replace(CONTROL, ' ');
}
