import type { SourceLocation } from './types.js';

const NEWLINE = 0x0a;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Walks over text line by line and word by word without decoding it. Words end at blanks, `#` and `;`. */
export class ByteLines {
  readonly #bytes: Uint8Array;
  readonly #file: string;
  #line = 1;
  #lineStart: number;

  /**
   * @param bytes the text, in UTF-8; a byte order mark is passed over
   * @param file what messages call it
   */
  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
    this.#lineStart = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  }

  /** Where the line begins. */
  get lineStart(): number {
    return this.#lineStart;
  }

  /** Whether there is no line any more. */
  get ended(): boolean {
    return this.#lineStart >= this.#bytes.length;
  }

  /** Moves to the next line, the newline of this one being at or behind `at`. */
  nextLine(at: number): void {
    const end = this.#bytes.indexOf(NEWLINE, at);
    this.#lineStart = end < 0 ? this.#bytes.length : end + 1;
    this.#line += 1;
  }

  /** The offset of the next word, comment or newline. Carriage returns and control characters are blanks. */
  skipBlanks(at: number): number {
    let end = at;
    while (end < this.#bytes.length && this.#isBlank(end)) end += 1;
    return end;
  }

  /** The offset behind the word that starts at `at`: `at` itself if there is none. */
  wordEnd(at: number): number {
    let end = at;
    while (end < this.#bytes.length && (this.#bytes[end] as number) > SPACE && !this.#isComment(end))
      end += 1;
    return end;
  }

  /** The offset behind the text in double quotes that starts at `at`: `at` itself if there is none on this line. */
  skipQuoted(at: number): number {
    if (this.#bytes[at] !== QUOTE) return at;
    const end = this.#bytes.indexOf(QUOTE, at + 1);
    const newline = this.#bytes.indexOf(NEWLINE, at);
    return end < 0 || (newline >= 0 && newline < end) ? at : end + 1;
  }

  /** Whether the word between two offsets is this one, in ASCII. */
  isWord(start: number, end: number, word: string): boolean {
    if (end - start !== word.length) return false;
    for (let i = 0; i < word.length; i++) if (this.#bytes[start + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  /** The text between two offsets. */
  text(start: number, end: number): string {
    return new TextDecoder().decode(this.#bytes.subarray(start, end));
  }

  /** Where an offset of this line stands; columns count bytes. */
  location(at: number): SourceLocation {
    return { file: this.#file, line: this.#line, column: at - this.#lineStart + 1 };
  }

  #isBlank(at: number): boolean {
    const byte = this.#bytes[at] as number;
    return byte <= SPACE && byte !== NEWLINE;
  }

  #isComment(at: number): boolean {
    return this.#bytes[at] === HASH || this.#bytes[at] === SEMICOLON;
  }
}
