import { HIDDEN } from '../errors/index.js';
import { refuse } from './refuse.js';
import type { SourceLocation } from './types.js';

/** The tokens of the rule language. `quoted` is a word in double quotes, without double quotes inside. */
export type TokenKind = 'word' | 'quoted' | 'comma' | 'open' | 'close' | 'comment' | 'newline' | 'end';

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  /** The word, the quoted text without its quotes, the comment with its `#`. */
  readonly text: string;
  readonly location: SourceLocation;
  /** Its offsets in the text: of its first character, and after its last. */
  readonly start: number;
  readonly end: number;
}

const TOKEN = /(?<word>[^\s,{}"#][^\s,{}"]*)|(?<quoted>"[^"\n]*")|(?<comment>#[^\n]*)|[,{}\n]/y;
/** Control characters except tabs and line ends (not a lone carriage return), and characters that change the direction of text. */
const UNPRINTABLE = new RegExp(String.raw`[^\P{Cc}\t\n\r]|\r(?!\n|$)|[${HIDDEN}]`, 'u');

/** A token takes some hundred bytes of memory. */
const MAX_TOKENS = 500_000;
const LONG_LIST = 'put a long list in a file of its own: set NAME file PATH';

const BLANK = /[^\S\n]*/y;
const KINDS: Readonly<Record<string, TokenKind>> = {
  ',': 'comma',
  '{': 'open',
  '}': 'close',
  '\n': 'newline',
};

/**
 * Divides rule text into tokens; the last one is always `end`.
 *
 * Refuses control characters other than tabs and line ends, and characters that change the direction of text, in comments
 * too: an editor must show the text that is read. `#` starts a comment where a word could start, not inside a word.
 * Carriage returns and a byte order mark are blanks.
 * Lines and columns count from 1, columns in UTF-16 code units.
 *
 * @throws AlfError ALF_RULE for such a character, a quote that is not closed on its line, and too many tokens
 */
export function tokenize(text: string, file: string): Token[] {
  assertPrintable(text, file);
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  for (let at = skipBlanks(text, 0); ; ) {
    const location = { file, line, column: at - lineStart + 1 };
    if (at === text.length) {
      tokens.push({ kind: 'end', text: '', location, start: at, end: at });
      return tokens;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    // Every character except a lone quote starts a token.
    if (match === null)
      refuse(location, 'the quoted text does not end: expected a closing " on the same line');
    if (tokens.length === MAX_TOKENS)
      refuse(location, `there are more than ${MAX_TOKENS} words here: that is the limit`, LONG_LIST);
    const end = TOKEN.lastIndex;
    tokens.push({ ...classify(match), location, start: at, end });
    if (match[0] === '\n') {
      line += 1;
      lineStart = end;
    }
    at = skipBlanks(text, end);
  }
}

function assertPrintable(text: string, file: string): void {
  const at = text.search(UNPRINTABLE);
  if (at < 0) return;
  const before = text.slice(0, at).split('\n');
  const location = { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  refuse(
    location,
    `the character U+${code} has no place in rules`,
    'the file may be damaged or in another encoding',
  );
}

function classify(match: RegExpExecArray): Pick<Token, 'kind' | 'text'> {
  const { word, quoted, comment } = match.groups ?? {};
  if (word !== undefined) return { kind: 'word', text: word };
  if (quoted !== undefined) return { kind: 'quoted', text: quoted.slice(1, -1) };
  if (comment !== undefined) return { kind: 'comment', text: comment.trimEnd() };
  return { kind: KINDS[match[0]] ?? 'end', text: match[0] };
}

function skipBlanks(text: string, at: number): number {
  BLANK.lastIndex = at;
  BLANK.exec(text);
  return BLANK.lastIndex;
}
