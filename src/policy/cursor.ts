import { quote } from '../errors/index.js';
import { alternatives, refuse } from './refuse.js';
import { type Token, type TokenKind, tokenize } from './tokens.js';
import type { SourceLocation } from './types.js';

/**
 * A place in rule text, moving forward.
 *
 * It remembers the tokens tried since the last advance. Syntax errors list them as expected.
 */
export class Cursor {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #expected: string[] = [];

  /** @throws AlfError ALF_RULE for text that cannot be cut into tokens */
  constructor(text: string, file: string) {
    this.#text = text;
    this.#tokens = tokenize(text, file);
  }

  /** The next token. */
  get token(): Token {
    // The last token is `end`, and nothing moves past it.
    return this.#tokens[this.#at] as Token;
  }

  /** The location of the next token. */
  get location(): SourceLocation {
    return this.token.location;
  }

  /** The token that the cursor moved past last. */
  get lastToken(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)] as Token;
  }

  /** Moves past the next token if it is this word. */
  take(word: string): boolean {
    return this.#takeIf(word, this.token.kind === 'word' && this.token.text === word);
  }

  /** Moves past the next token if it is of this kind, which messages call `name`. */
  takeKind(kind: TokenKind, name: string): boolean {
    return this.#takeIf(name, this.token.kind === kind);
  }

  /** Moves past this word, which must be next. */
  expect(word: string): void {
    if (!this.take(word)) this.refuse();
  }

  /**
   * Moves past any word, quoted or not, which must be next.
   *
   * @param name the name of the word in messages
   */
  expectWord(name: string): Token {
    const { token } = this;
    if (!this.takeKind('quoted', name) && !this.takeKind('word', name)) this.refuse();
    return token;
  }

  /** Moves to the next line, past a comment; anything else is refused. Returns the comment, or an empty string. */
  expectEndOfLine(): string {
    const { token } = this;
    if (token.kind === 'comment') this.#advance();
    if (this.token.kind !== 'end' && !this.takeKind('newline', 'the end of the line')) this.refuse();
    return token.kind === 'comment' ? token.text : '';
  }

  /** The text from a token up to the last one. */
  textSince(token: Token): string {
    return this.#text.slice(token.start, this.lastToken.end);
  }

  /**
   * Refuses the next token, and names the expected ones.
   *
   * @throws AlfError ALF_RULE, always
   */
  refuse(): never {
    const expected = alternatives([...new Set(this.#expected)]);
    refuse(this.location, `unexpected ${describeToken(this.token)}: expected ${expected}`);
  }

  #takeIf(name: string, matches: boolean): boolean {
    if (matches) this.#advance();
    else this.#expected.push(name);
    return matches;
  }

  #advance(): void {
    this.#at = Math.min(this.#at + 1, this.#tokens.length - 1);
    this.#expected = [];
  }
}

function describeToken(token: Token): string {
  if (token.kind === 'word') return quote(token.text);
  if (token.kind === 'newline' || token.kind === 'comment') return 'end of the line';
  return token.kind === 'end' ? 'end of the text' : JSON.stringify(token.text);
}
