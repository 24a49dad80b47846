/** Characters that turn the direction of text around or separate lines, as a class of a regular expression has them. */
export const HIDDEN = String.raw`\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`;

/**
 * Control characters, and what turns the direction of a line around: a terminal obeys them, and what it shows is not what
 * is there. Joiners and marks that scripts need to be written are not among them.
 */
const UNPRINTABLE = new RegExp(String.raw`[\p{Cc}${HIDDEN}]`, 'gu');

/** The most characters of a line: what it quotes is cut where it is quoted, and compilers have no such bound. */
const MAX_LINE = 2000;

/** Makes one line of a text: escapes all that a terminal would obey, line ends included (`\u001b`), and cuts the end. */
export function onOneLine(text: string): string {
  const start = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
  return start.replace(UNPRINTABLE, escapeUnits);
}

/** Escapes all that a terminal would obey but line ends and tabs. The text of a JSON document stays the same document. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => (char === '\n' || char === '\t' ? char : escapeUnits(char)));
}

/** Escapes each UTF-16 code unit as JSON does. */
export function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, i) => {
    return `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }).join('');
}
