const PLAIN = /^[\w@%+=:,./[\]-]+$/;

/**
 * Shows a word of the user's input in a message so that its ends and its invisible characters can be seen.
 *
 * Plain words stay as they are; anything else, the empty word included, is put in quotes and escaped.
 */
export function quote(word: string): string {
  return PLAIN.test(word) ? word : JSON.stringify(word);
}
