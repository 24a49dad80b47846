import type { Cursor } from './cursor.js';
import type { SourceLocation } from './types.js';

/**
 * Reads one or more words with commas between them.
 *
 * @param name the name of a word in messages
 * @param parse reads one word
 * @throws AlfError ALF_RULE, or what `parse` throws
 */
export function parseList<T>(
  cursor: Cursor,
  name: string,
  parse: (text: string, location: SourceLocation) => T,
): T[] {
  const items: T[] = [];
  do {
    const { text, location } = cursor.expectWord(name);
    items.push(parse(text, location));
  } while (cursor.takeKind('comma', '","'));
  return items;
}
