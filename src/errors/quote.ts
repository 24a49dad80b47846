import { escapeUnits } from './printable.js';

const PLAIN = /^[\w@%+=:,./[\]-]+$/;

/** What JSON lets through and a terminal does not show, or obeys. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The most characters of a word that a message shows. */
const MAX_QUOTED = 80;

/** Stands for the rest of a word that was cut. */
const CUT = '…';

/**
 * Shows a word of the user's input in a message so that its ends and its invisible characters can be seen.
 *
 * Plain words stay as they are; anything else, the empty word included, is put in quotes and escaped. Of a word of more
 * than 80 characters the first 79 are shown, and `…`.
 */
export function quote(word: string): string {
  // Two units a character at most: a word of many megabytes need not be taken apart.
  const start = word.slice(0, 2 * MAX_QUOTED + 1);
  const characters = Array.from(start);
  if (characters.length <= MAX_QUOTED) return quoteWhole(word);
  const kept = characters.slice(0, MAX_QUOTED - CUT.length).join('');
  return PLAIN.test(kept) ? `${kept}${CUT}` : escaped(`${kept}${CUT}`);
}

/** Shows a word as {@link quote} does, however long it is: for what a command was asked to print. */
export function quoteWhole(word: string): string {
  return PLAIN.test(word) ? word : escaped(word);
}

function escaped(word: string): string {
  return JSON.stringify(word).replace(INVISIBLE, escapeUnits);
}
