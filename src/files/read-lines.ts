import { AlfError, quote } from '../errors/index.js';
import { type InputOptions, readInput, STDIN } from './read-input.js';

/** A line with content. */
export interface InputLine {
  /** Counts from 1. */
  readonly line: number;
  /** Without its comment and the blanks around it; not empty. */
  readonly text: string;
}

/** The limits of a list of entries, packets or addresses. */
const MAX_BYTES = 16 * 2 ** 20;
const MAX_LINES = 1_000_000;

/**
 * Reads a list: one item a line, without comments and empty lines.
 *
 * @param source a path, or {@link STDIN}
 * @param comment matches the part of a line to remove
 * @throws AlfError with the given code if it cannot be read or is too long, see {@link readInput}
 */
export function readLines(
  source: string | typeof STDIN,
  comment: RegExp,
  options: Omit<InputOptions, 'maxBytes'>,
): { readonly lines: readonly InputLine[]; readonly quotable: boolean } {
  const { bytes, quotable } = readInput(source, { ...options, maxBytes: MAX_BYTES });
  const texts = bytes.toString('utf8').split('\n');
  if (texts.length > MAX_LINES + 1) {
    const shown = source === STDIN ? 'standard input' : quote(source);
    throw new AlfError(
      options.code,
      `unable to read ${shown}: it has more than ${MAX_LINES} lines, which is the limit`,
    );
  }
  const lines = texts
    .map((text, index) => ({ line: index + 1, text: text.replace(comment, '').trim() }))
    .filter(({ text }) => text !== '');
  return { lines, quotable };
}
