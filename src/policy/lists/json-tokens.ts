import { quote } from '../../errors/index.js';
import { refuse } from '../refuse.js';
import type { SourceLocation } from '../types.js';
import type { ByteLines } from './byte-lines.js';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const CUT_OFF = 'the file may be cut off: get it again';

/** A string of a JSON text: its value, and the offsets between its quotes. */
export interface JsonString {
  readonly start: number;
  readonly end: number;
  /** Whether the value equals the bytes between the offsets: the string has no escape. */
  readonly plain: boolean;
}

/**
 * Reads the tokens of a JSON text from bytes, in place.
 *
 * @see RFC 8259
 */
export class JsonTokens {
  readonly #lines: ByteLines;
  #at: number;

  /** @param lines the text; its current line is kept at the line of the next token */
  constructor(lines: ByteLines) {
    this.#lines = lines;
    this.#at = lines.lineStart;
  }

  /** The next character that is not a blank; undefined at the end of the text. */
  peek(): string | undefined {
    const { bytes } = this.#lines;
    for (;;) {
      this.#at = this.#lines.skipBlanks(this.#at);
      if (bytes[this.#at] !== NEWLINE) break;
      this.#lines.nextLine(this.#at);
      this.#at = this.#lines.lineStart;
    }
    const byte = bytes[this.#at];
    return byte === undefined ? undefined : String.fromCharCode(byte);
  }

  /** The location of the next token. */
  location(): SourceLocation {
    this.peek();
    return this.#lines.location(this.#at);
  }

  /** Moves past a character if it is the next one. */
  take(char: string): boolean {
    const matches = this.peek() === char;
    if (matches) this.#at += 1;
    return matches;
  }

  /** Moves past a character, which must be the next one. */
  expect(char: string, expected = quote(char)): void {
    if (!this.take(char)) this.refuse(expected);
  }

  /** Moves past a string, which must be next. @throws AlfError ALF_RULE */
  string(expected: string): JsonString {
    if (!this.take('"')) this.refuse(expected);
    const { bytes } = this.#lines;
    const start = this.#at;
    let plain = true;
    let end = start;
    for (; bytes[end] !== QUOTE; end++) {
      if ((bytes[end] ?? 0) < SPACE) this.#refuseAt(end, 'the end of a string');
      if (bytes[end] !== BACKSLASH) continue;
      plain = false;
      end += 1;
    }
    this.#at = end + 1;
    return { start, end, plain };
  }

  /** The value of a string. @throws AlfError ALF_RULE for an invalid escape */
  textOf({ start, end, plain }: JsonString): string {
    const text = this.#lines.text(start, end);
    if (plain) return text;
    try {
      return JSON.parse(`"${text}"`);
    } catch {
      return refuse(this.#lines.location(start), `${quote(text)} has an unknown escape: expected JSON`);
    }
  }

  /** Moves past a number, `true`, `false` or `null` and returns its value. @throws AlfError ALF_RULE */
  scalar(): number | boolean | null {
    this.peek();
    const rest = this.#lines.text(this.#at, this.#at + 100);
    const [word = ''] = /^[\w.+-]*/.exec(rest) ?? [];
    if (!NUMBER.test(word) && !['true', 'false', 'null'].includes(word)) this.refuse('a JSON value');
    this.#at += word.length;
    return JSON.parse(word);
  }

  /** Refuses the next token. @throws AlfError ALF_RULE, always */
  refuse(expected: string, hint?: string): never {
    this.peek();
    this.#refuseAt(this.#at, expected, hint);
  }

  #refuseAt(at: number, expected: string, hint?: string): never {
    const { bytes } = this.#lines;
    const ended = at >= bytes.length;
    const [word] = /^\w+|^./su.exec(this.#lines.text(at, at + 40)) ?? [''];
    const found = ended ? 'end of the text' : quote(word);
    refuse(this.#lines.location(at), `unexpected ${found}: expected ${expected}`, ended ? CUT_OFF : hint);
  }
}
