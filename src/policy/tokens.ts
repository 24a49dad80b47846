import { refuse } from './refuse.js';
import type { SourceLocation } from './types.js';

/** The smallest parts of the rule language. A `quoted` is a word in double quotes, with anything but those in it. */
export type TokenKind = 'word' | 'quoted' | 'comma' | 'open' | 'close' | 'comment' | 'newline' | 'end';

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  /** The word, the quoted text without its quotes, the comment with its `#`. */
  readonly text: string;
  readonly location: SourceLocation;
  /** Where it lies in the text: offsets of its first character and of the one behind it. */
  readonly start: number;
  readonly end: number;
}

const TOKEN = /(?<word>[^\s,{}"#][^\s,{}"]*)|(?<quoted>"[^"\n]*")|(?<comment>#[^\n]*)|[,{}\n]/y;
const BLANK = /[^\S\n]*/y;
const KINDS: Readonly<Record<string, TokenKind>> = {
  ',': 'comma',
  '{': 'open',
  '}': 'close',
  '\n': 'newline',
};

/**
 * Cuts rule text into tokens; the last one is always `end`.
 *
 * `#` starts a comment where a word could start, not inside one. Carriage returns and a byte order mark are blanks.
 * Lines and columns count from 1, columns in UTF-16 code units.
 *
 * @throws AlfError ALF_RULE for a quote that is not closed on its line
 */
export function tokenize(text: string, file: string): Token[] {
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
    // Every character but a lone quote starts a token.
    if (match === null)
      refuse(location, 'the quoted text does not end: expected a closing " on the same line');
    const end = TOKEN.lastIndex;
    tokens.push({ ...classify(match), location, start: at, end });
    if (match[0] === '\n') {
      line += 1;
      lineStart = end;
    }
    at = skipBlanks(text, end);
  }
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
