const PLAIN = /^[\w@%+=:,./[\]-]+$/;

/** What JSON lets through and a terminal does not show, or obeys. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Shows a word of the user's input in a message so that its ends and its invisible characters can be seen.
 *
 * Plain words stay as they are; anything else, the empty word included, is put in quotes and escaped.
 */
export function quote(word: string): string {
  return PLAIN.test(word) ? word : JSON.stringify(word).replace(INVISIBLE, escapeUnits);
}

function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, i) => {
    return `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }).join('');
}
