import { escapeUnits } from './printable.js';

const PLAIN = /^[\w@%+=:,./[\]-]+$/;

/** Characters that JSON does not escape, and that a terminal hides or interprets. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The maximum characters of a word in a message. */
const MAX_QUOTED = 80;

/** Replaces the rest of a word that was cut. */
const CUT = '…';

/**
 * Quotes a word of the user's input for a message, so that its ends and invisible characters are visible.
 *
 * Plain words are unchanged; other words, the empty word included, are put in quotes and escaped. Of a word of more
 * than 80 characters the first 79 are kept, followed by `…`.
 */
export function quote(word: string): string {
  // A character has at most two units, so a word of many megabytes need not be split.
  const start = word.slice(0, 2 * MAX_QUOTED + 1);
  const characters = Array.from(start);
  if (characters.length <= MAX_QUOTED) return quoteWhole(word);
  const kept = characters.slice(0, MAX_QUOTED - CUT.length).join('');
  return PLAIN.test(kept) ? `${kept}${CUT}` : escaped(`${kept}${CUT}`);
}

/** Quotes a word as {@link quote} does, without cutting it: for the output of commands. */
export function quoteWhole(word: string): string {
  return PLAIN.test(word) ? word : escaped(word);
}

function escaped(word: string): string {
  return JSON.stringify(word).replace(INVISIBLE, escapeUnits);
}
