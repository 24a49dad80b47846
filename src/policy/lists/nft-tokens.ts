import { refuse } from '../refuse.js';
import type { SourceLocation } from '../types.js';
import type { ByteLines } from './byte-lines.js';

const NEWLINE = 0x0a;
const HASH = 0x23;
const QUOTE = 0x22;
const BLANKS = [0x20, 0x09, 0x0d, NEWLINE];
const PUNCTUATION = new Set(Array.from('{},;=', (char) => char.charCodeAt(0)));

/** A token of nftables: a word, a text in quotes, one of `{},;=`, or the end (empty). */
export interface NftToken {
  readonly kind: 'word' | 'quoted' | '{' | '}' | ',' | ';' | '=' | 'end';
  readonly start: number;
  readonly end: number;
  /** Whether a newline lies between it and the token before. */
  readonly startsLine: boolean;
  readonly location: SourceLocation;
}

/** Divides nftables text into tokens; comments start with `#`. */
export class NftTokens {
  readonly #lines: ByteLines;
  #token: NftToken;

  /** @throws AlfError ALF_RULE, as {@link advance} does */
  constructor(lines: ByteLines) {
    this.#lines = lines;
    this.#token = this.#scan(lines.lineStart);
  }

  /** The next token. The text is at its line. */
  get token(): NftToken {
    return this.#token;
  }

  /**
   * Moves past the next token and returns it.
   *
   * @throws AlfError ALF_RULE for a quote that is not closed on its line
   */
  advance(): NftToken {
    const token = this.#token;
    this.#token = this.#scan(token.end);
    return token;
  }

  #scan(at: number): NftToken {
    const lines = this.#lines;
    const { bytes } = lines;
    let start = lines.skipBlanks(at);
    let startsLine = false;
    while (bytes[start] === NEWLINE || bytes[start] === HASH) {
      lines.nextLine(start);
      startsLine = true;
      start = lines.skipBlanks(lines.lineStart);
    }
    const [kind, end] = this.#measure(start);
    return { kind, start, end, startsLine, location: lines.location(start) };
  }

  /** The kind of the token at an offset, and the offset after it. */
  #measure(start: number): [NftToken['kind'], number] {
    const { bytes } = this.#lines;
    const byte = bytes[start];
    if (byte === undefined) return ['end', start];
    if (PUNCTUATION.has(byte)) return [String.fromCharCode(byte) as NftToken['kind'], start + 1];
    if (byte === QUOTE) {
      const end = this.#lines.skipQuoted(start);
      if (end === start) refuse(this.#lines.location(start), 'the quoted text does not end on its line');
      return ['quoted', end];
    }
    let end = start;
    while (end < bytes.length && isOfWord(bytes[end] as number)) end += 1;
    return ['word', end];
  }
}

function isOfWord(byte: number): boolean {
  return !BLANKS.includes(byte) && byte !== HASH && byte !== QUOTE && !PUNCTUATION.has(byte);
}
