import { quote } from '../../errors/index.js';
import { alternatives, refuse } from '../refuse.js';
import type { ByteLines } from './byte-lines.js';
import type { ListEntries } from './list-entries.js';

const ENTRY = 'an address, prefix or range';
const TYPES = ['hash:ip', 'hash:net', 'bitmap:ip'];
const FLAGS = ['-exist', '-!'];
const VALUED = ['timeout', 'packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue'];

const MEANINGFUL_OPTIONS = [
  ['nomatch', 'an entry without exceptions'],
  ['netmask', 'a set whose entries have prefix lengths of their own'],
  ['bitmask', 'a set whose entries have prefix lengths of their own'],
] as const;

/**
 * Reads the output of `ipset save` for one set of addresses or prefixes. Timeouts, counters and comments are ignored.
 *
 * @throws AlfError ALF_RULE for anything else: several sets, sets of other types, and ipset's `nomatch`, `netmask` and
 *   `bitmask`, which give an entry another meaning, and `flush` after an entry, which removes it
 * @see ipset(8)
 */
export function readIpset(lines: ByteLines, entries: ListEntries): void {
  new IpsetReader(lines, entries).read();
}

interface Word {
  readonly start: number;
  readonly end: number;
}

class IpsetReader {
  readonly #lines: ByteLines;
  readonly #entries: ListEntries;
  #name: string | undefined;

  constructor(lines: ByteLines, entries: ListEntries) {
    this.#lines = lines;
    this.#entries = entries;
  }

  read(): void {
    const lines = this.#lines;
    while (!lines.ended) {
      const start = lines.skipBlanks(lines.lineStart);
      const end = lines.wordEnd(start);
      if (end > start) this.#readLine({ start, end });
      lines.nextLine(end);
    }
  }

  #readLine(word: Word): void {
    if (this.#is(word, 'add')) this.#readEntry(this.#readName(word.end));
    else if (this.#is(word, 'create')) this.#readType(this.#readName(word.end));
    else if (this.#is(word, 'flush')) this.#readFlush(word);
    else if (!this.#is(word, 'COMMIT')) this.#refuse(word, 'create or add, as ipset save writes them');
  }

  #readFlush(word: Word): void {
    if (this.#entries.count > 0) this.#refuse(word, 'flush before the first entry only');
    this.#readName(word.end);
  }

  #readName(at: number): number {
    const word = this.#expectWord(at, 'the name of an ipset');
    if (this.#name !== undefined && this.#is(word, this.#name)) return word.end;
    const name = this.#lines.text(word.start, word.end);
    if (this.#name !== undefined && name !== this.#name) {
      const reason = `${quote(name)} is a second ipset: expected ${quote(this.#name)} only`;
      refuse(this.#lines.location(word.start), reason, 'save one set a file: ipset save NAME');
    }
    this.#name = name;
    return word.end;
  }

  #readType(at: number): void {
    const word = this.#expectWord(at, 'the type of an ipset');
    if (!TYPES.some((type) => this.#is(word, type)))
      this.#refuse(word, `a set of addresses only: ${alternatives(TYPES)}`);
    for (let option = this.#optionAt(word.end); option !== undefined; option = this.#optionAt(option.end))
      this.#refuseMeaningful(option);
  }

  #readEntry(at: number): void {
    const entry = this.#expectWord(at, ENTRY);
    this.#entries.add(entry.start, entry.end);
    for (let option = this.#optionAt(entry.end); option !== undefined; ) {
      this.#refuseMeaningful(option);
      let { end } = option;
      if (VALUED.some((name) => this.#is(option as Word, name))) {
        end = this.#optionAt(end)?.end ?? this.#expectWord(end, 'a value').end;
      } else if (!FLAGS.some((flag) => this.#is(option as Word, flag))) {
        this.#refuse(option, `an option of ipset: ${alternatives([...VALUED, ...FLAGS])}`);
      }
      option = this.#optionAt(end);
    }
  }

  /** The option, or the text in quotes, at or after an offset. */
  #optionAt(at: number): Word | undefined {
    const start = this.#lines.skipBlanks(at);
    const quoted = this.#lines.skipQuoted(start);
    const end = quoted > start ? quoted : this.#lines.wordEnd(start);
    return end > start ? { start, end } : undefined;
  }

  #refuseMeaningful(option: Word): void {
    const [, expected] = MEANINGFUL_OPTIONS.find(([name]) => this.#is(option, name)) ?? [];
    if (expected !== undefined) this.#refuse(option, expected);
  }

  #expectWord(at: number, expected: string): Word {
    const start = this.#lines.skipBlanks(at);
    const end = this.#lines.wordEnd(start);
    if (end === start)
      refuse(this.#lines.location(start), `unexpected end of the line: expected ${expected}`);
    return { start, end };
  }

  #is({ start, end }: Word, text: string): boolean {
    return this.#lines.isWord(start, end, text);
  }

  #refuse({ start, end }: Word, expected: string): never {
    const word = quote(this.#lines.text(start, end));
    refuse(this.#lines.location(start), `unexpected ${word}: expected ${expected}`);
  }
}
