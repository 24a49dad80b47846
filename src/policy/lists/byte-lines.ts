import type { SourceLocation } from '../types.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const HASH = 0x23;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Reads text by lines and words without decoding it. Words end at blanks, `#` and `;`. */
export class ByteLines {
  readonly bytes: Uint8Array;
  readonly #file: string;
  #line = 1;
  #lineStart: number;
  #unfinished: SourceLocation | undefined;

  /**
   * @param bytes the text, in UTF-8; a byte order mark at its start is skipped
   * @param file the name of the file in messages
   */
  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.#file = file;
    this.#lineStart = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  }

  /** Where the line begins. */
  get lineStart(): number {
    return this.#lineStart;
  }

  /** Whether the last line was read. */
  get ended(): boolean {
    return this.#lineStart >= this.bytes.length;
  }

  /** Whether it is the first line. */
  get isFirst(): boolean {
    return this.#line === 1;
  }

  /** Whether the line ends with a newline. */
  get hasNewline(): boolean {
    return this.bytes.indexOf(NEWLINE, this.#lineStart) >= 0;
  }

  /** The location of the last line, if it was read and does not end with a newline. */
  get unfinished(): SourceLocation | undefined {
    return this.#unfinished;
  }

  /** Moves to the next line; the newline of this one is at or after `at`. */
  nextLine(at: number): void {
    const end = this.bytes[at] === NEWLINE ? at : this.bytes.indexOf(NEWLINE, at);
    if (end < 0) this.#unfinished = this.location(this.#lineStart);
    this.#lineStart = end < 0 ? this.bytes.length : end + 1;
    this.#line += 1;
  }

  /** The offset of the next word, comment or newline. Blanks are spaces, tabs and carriage returns. */
  skipBlanks(at: number): number {
    let end = at;
    while (isBlank(this.bytes[end])) end += 1;
    return end;
  }

  /** The offset after the word that starts at `at`; `at` itself if a comment or a newline is there. */
  wordEnd(at: number): number {
    if (this.bytes[at] === SLASH && this.bytes[at + 1] === SLASH) return at;
    let end = at;
    while (end < this.bytes.length && this.#isOfWord(this.bytes[end] as number)) end += 1;
    return end;
  }

  /** The offset after the text in double quotes that starts at `at`; `at` itself if this line has none there. */
  skipQuoted(at: number): number {
    if (this.bytes[at] !== QUOTE) return at;
    const end = this.bytes.indexOf(QUOTE, at + 1);
    const newline = this.bytes.indexOf(NEWLINE, at);
    return end < 0 || (newline >= 0 && newline < end) ? at : end + 1;
  }

  /** Whether the word between two offsets is this one, in ASCII. */
  isWord(start: number, end: number, word: string): boolean {
    if (end - start !== word.length) return false;
    for (let i = 0; i < word.length; i++) if (this.bytes[start + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  /** The text between two offsets. */
  text(start: number, end: number): string {
    return new TextDecoder().decode(this.bytes.subarray(start, end));
  }

  /** The first 200 bytes of the line, without its newline. */
  lineText(): string {
    const most = this.bytes.subarray(this.#lineStart, this.#lineStart + 200);
    const end = most.indexOf(NEWLINE);
    return new TextDecoder().decode(end < 0 ? most : most.subarray(0, end));
  }

  /** The location of an offset of this line; columns count bytes. */
  location(at: number): SourceLocation {
    return { file: this.#file, line: this.#line, column: at - this.#lineStart + 1 };
  }

  #isOfWord(byte: number): boolean {
    if (byte <= SPACE) return byte !== NEWLINE && !isBlank(byte);
    return byte !== HASH && byte !== SEMICOLON;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN;
}
