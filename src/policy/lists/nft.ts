import { quote } from '../../errors/index.js';
import { alternatives, refuse } from '../refuse.js';
import type { ByteLines } from './byte-lines.js';
import type { ListEntries } from './list-entries.js';
import { type NftToken, NftTokens } from './nft-tokens.js';

const TYPES = ['ipv4_addr', 'ipv6_addr'];
/** Properties of a set that do not change which addresses its elements mean. */
const PROPERTIES = [
  'typeof',
  'flags',
  'size',
  'timeout',
  'gc-interval',
  'policy',
  'auto-merge',
  'comment',
  'counter',
];
/** What may follow an element: its timeout, counter and comment. */
const OPTIONS = ['timeout', 'expires', 'comment', 'counter', 'packets', 'bytes', 'last', 'used', 'never'];
const DURATION = /^\d+[\da-z]*$/;
const HINT = 'write one set a file: nft list set FAMILY TABLE SET';

/**
 * Reads the output of `nft list set`, and `set NAME { … }`, `elements = { … }`, `define NAME = { … }` and
 * `add element … { … }` alone. Timeouts, counters and comments are ignored.
 *
 * @throws AlfError ALF_RULE for anything else: several sets, maps, chains, sets of anything but addresses
 * @see nft(8)
 */
export function readNftSet(lines: ByteLines, entries: ListEntries): void {
  new NftReader(lines, entries).read();
}

class NftReader {
  readonly #lines: ByteLines;
  readonly #entries: ListEntries;
  readonly #tokens: NftTokens;
  #set: string | undefined;

  constructor(lines: ByteLines, entries: ListEntries) {
    this.#lines = lines;
    this.#entries = entries;
    this.#tokens = new NftTokens(lines);
  }

  read(): void {
    while (this.#tokens.token.kind !== 'end') {
      if (this.#take('table')) this.#readTable();
      else this.#readSet();
      while (this.#takeKind(';'));
    }
  }

  /** Reads `table [FAMILY] NAME { … }`. */
  #readTable(): void {
    this.#expectKind('word', 'the name of a table');
    if (this.#tokens.token.kind === 'word') this.#tokens.advance();
    this.#expectKind('{', '"{"');
    while (!this.#takeKind('}')) if (!this.#takeKind(';')) this.#readSet();
  }

  /** Reads a set in any of these notations. */
  #readSet(): void {
    const { token } = this.#tokens;
    if (this.#take('set')) {
      this.#noteSet(this.#expectKind('word', 'the name of a set'));
      this.#expectKind('{', '"{"');
      while (!this.#takeKind('}')) if (!this.#takeKind(';')) this.#readProperty();
    } else if (this.#take('elements')) {
      this.#noteSet(token);
      this.#readElements('=');
    } else if (this.#take('define')) {
      this.#noteSet(this.#expectKind('word', 'a name'));
      this.#readElements('=');
    } else if (this.#take('add')) {
      this.#expectWord('element');
      const words = [this.#expectKind('word', 'the name of a table')];
      while (this.#tokens.token.kind === 'word') words.push(this.#tokens.advance());
      this.#noteSet(words.at(-1) as NftToken);
      this.#readElements();
    } else this.#refuse('a set', HINT);
  }

  #readProperty(): void {
    if (this.#take('elements')) this.#readElements('=');
    else if (this.#take('type')) this.#readType();
    else if (PROPERTIES.some((property) => this.#take(property))) this.#skipProperty();
    else this.#refuse(alternatives(['elements', 'type', ...PROPERTIES, '"}"']));
  }

  #readType(): void {
    if (!TYPES.some((type) => this.#take(type))) this.#refuse(alternatives(TYPES), HINT);
    if (!this.#endsProperty()) this.#refuse('a set of addresses only', HINT);
  }

  #skipProperty(): void {
    while (!this.#endsProperty()) this.#tokens.advance();
  }

  #endsProperty(): boolean {
    const { kind, startsLine } = this.#tokens.token;
    return startsLine || kind === ';' || kind === '}' || kind === 'end';
  }

  #readElements(equals?: '='): void {
    if (equals !== undefined) this.#expectKind(equals, '"="');
    this.#expectKind('{', '"{"');
    while (!this.#takeKind('}')) {
      const { kind, start, end } = this.#tokens.token;
      if (kind !== 'word') this.#refuse('an address, prefix, range or "}"');
      this.#entries.add(start, end);
      this.#tokens.advance();
      this.#skipOptions();
      if (!this.#takeKind(',') && this.#tokens.token.kind !== '}') this.#refuse('"," or "}"');
    }
  }

  #skipOptions(): void {
    for (;;) {
      const { kind, start, end } = this.#tokens.token;
      const isOption =
        kind === 'quoted' ||
        (kind === 'word' &&
          (OPTIONS.some((option) => this.#lines.isWord(start, end, option)) ||
            DURATION.test(this.#lines.text(start, end))));
      if (!isOption) return;
      this.#tokens.advance();
    }
  }

  /** Refuses a second set. */
  #noteSet({ start, end, location }: NftToken): void {
    const name = this.#lines.text(start, end);
    this.#set ??= name;
    if (name === this.#set) return;
    const reason = `${quote(name)} is a second set: expected ${quote(this.#set)} only`;
    refuse(location, reason, HINT);
  }

  #take(word: string): boolean {
    const { kind, start, end } = this.#tokens.token;
    const matches = kind === 'word' && this.#lines.isWord(start, end, word);
    if (matches) this.#tokens.advance();
    return matches;
  }

  #takeKind(kind: NftToken['kind']): boolean {
    const matches = this.#tokens.token.kind === kind;
    if (matches) this.#tokens.advance();
    return matches;
  }

  #expectWord(word: string): void {
    if (!this.#take(word)) this.#refuse(word);
  }

  #expectKind(kind: NftToken['kind'], expected: string): NftToken {
    if (this.#tokens.token.kind !== kind) this.#refuse(expected);
    return this.#tokens.advance();
  }

  #refuse(expected: string, hint?: string): never {
    const { kind, start, end, location } = this.#tokens.token;
    const found = kind === 'end' ? 'end of the text' : quote(this.#lines.text(start, end));
    const cutOff = kind === 'end' ? 'the file may be cut off' : hint;
    refuse(location, `unexpected ${found}: expected ${expected}`, cutOff);
  }
}
