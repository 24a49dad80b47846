/** Characters that change the direction of text or separate lines, as a character class of a regular expression. */
export const HIDDEN = String.raw`\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`;

/**
 * Control characters, and characters that change the direction of text: a terminal interprets them, so its output differs
 * from the text. Joiners and marks that scripts need are not included.
 */
const UNPRINTABLE = new RegExp(String.raw`[\p{Cc}${HIDDEN}]`, 'gu');

/** The maximum characters of a line. Quoted input is cut earlier, but messages of compilers have no limit. */
const MAX_LINE = 2000;

/** Turns a text into one line: escapes control characters, line ends included (`\u001b`), and cuts the end. */
export function onOneLine(text: string): string {
  const start = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
  return start.replace(UNPRINTABLE, escapeUnits);
}

/** Escapes control characters except line ends and tabs. A JSON text keeps its meaning. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => (char === '\n' || char === '\t' ? char : escapeUnits(char)));
}

/** Escapes each UTF-16 code unit as JSON does. */
export function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, i) => {
    return `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }).join('');
}
