import { AlfError, quote } from '../errors/index.js';

/** A word of a command line in a unit file. */
export interface Word {
  /** As it is written: with quotes and escapes. */
  readonly source: string;
  /** Without quotes and escapes; specifiers and variables are not expanded. */
  readonly value: string;
  /** Offset of its first character. */
  readonly start: number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

const NUMBERS: readonly (readonly [RegExp, radix: number])[] = [
  [/^x([0-9a-f]{2})/i, 16],
  [/^u([0-9a-f]{4})/i, 16],
  [/^U(000[0-9a-f]{5}|0010[0-9a-f]{4})/i, 16],
  [/^([0-3][0-7]{2})/, 8],
];

const IS_BLANK = /[ \t\n\r]/;

/** Needs no quotes, and is not the separator of commands. */
const IS_PLAIN = /^(?!;$)[^\s\p{Cc}"'\\]+$/u;

/**
 * Splits the value of a setting into words as systemd does (extract_first_word with EXTRACT_UNQUOTE and
 * EXTRACT_CUNESCAPE). An unknown escape stands for its characters.
 *
 * @throws AlfError ALF_UNIT for a quote without its end
 */
export function parseWords(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (IS_BLANK.test(text[at] ?? '')) at++;
    if (at >= text.length) return words;
    const word = readWord(text, at);
    words.push(word);
    at += word.source.length;
  }
}

/**
 * Formats a word for a command line in a unit file, so that systemd passes it on unchanged.
 *
 * @param expands whether systemd expands variables on that line: not after the prefix `:`
 */
export function formatWord(word: string, expands: boolean): string {
  const percent = word.replaceAll('%', '%%');
  return quoteWord(expands ? percent.replaceAll('$', '$$$$') : percent);
}

/** Formats a word so that it is one, with its specifiers and variables. */
export function quoteWord(word: string): string {
  if (IS_PLAIN.test(word)) return word;
  const escaped = word.replace(/["\\]/g, '\\$&').replace(/\p{Cc}/gu, escapeControl);
  return `"${escaped}"`;
}

function escapeControl(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function readWord(text: string, start: number): Word {
  let value = '';
  let quoting = '';
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\') {
      const escaped = readEscape(text.slice(at + 1));
      value += escaped.value;
      at += escaped.length;
    } else if (character === quoting) quoting = '';
    else if (quoting === '' && (character === '"' || character === "'")) quoting = character;
    else if (quoting === '' && IS_BLANK.test(character)) break;
    else value += character;
  }
  if (quoting !== '')
    throw new AlfError('ALF_UNIT', `quote ${quoting} of ${quote(text.slice(start))} has no end`);
  return { source: text.slice(start, at), value, start };
}

/** @param rest what follows the backslash */
function readEscape(rest: string): { readonly value: string; readonly length: number } {
  const letter = rest[0] ?? '';
  const simple = ESCAPES[letter];
  if (simple !== undefined) return { value: simple, length: 1 };
  for (const [pattern, radix] of NUMBERS) {
    const [whole, digits] = pattern.exec(rest) ?? [];
    if (whole !== undefined && digits !== undefined)
      return { value: String.fromCodePoint(Number.parseInt(digits, radix)), length: whole.length };
  }
  return { value: `\\${letter}`, length: letter.length };
}
