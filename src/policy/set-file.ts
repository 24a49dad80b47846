import { quote } from '../errors/index.js';
import { AddressSetBuilder } from './address-set-builder.js';
import { ByteLines } from './byte-lines.js';
import { parseAddresses } from './parse-addresses.js';
import { addPeer } from './peer-range.js';
import { refuse } from './refuse.js';
import { EntryScanner } from './scan-entry.js';
import type { Warning } from './syntax.js';
import type { AddressSet, SourceLocation } from './types.js';

/** What a set file holds. */
export interface LoadedSet {
  readonly set: AddressSet;
  /** How many entries there were, equal and overlapping ones included. */
  readonly entries: number;
  readonly warnings: readonly Warning[];
}

const ENTRY = 'an address, prefix or range';

const MEANINGFUL_OPTIONS = [
  ['nomatch', 'an entry without exceptions'],
  ['netmask', 'a set whose entries have prefix lengths of their own'],
  ['bitmask', 'a set whose entries have prefix lengths of their own'],
] as const;

/**
 * Reads a set file: one address, prefix or range a line, `#` and `;` comments.
 *
 * The output of `ipset save` loads as well: its `create` lines and the options behind its entries, timeouts among
 * them, are passed over. Empty text is a set of nobody. Columns count bytes.
 *
 * @param bytes the text, in UTF-8
 * @param file what messages call it
 * @throws AlfError ALF_RULE for anything else, for an `ipset save` of several sets, and for ipset's `nomatch`,
 *   `netmask` and `bitmask`, which give an entry another meaning
 * @see ipset(8)
 */
export function parseSetFile(bytes: Uint8Array, file: string): LoadedSet {
  return new SetFileReader(bytes, file).read();
}

class SetFileReader {
  readonly #lines: ByteLines;
  readonly #builder = new AddressSetBuilder();
  readonly #scanner: EntryScanner;
  #entries = 0;
  #hostBits = 0;
  #firstHostBits: SourceLocation | undefined;
  #ipsetName: string | undefined;

  constructor(bytes: Uint8Array, file: string) {
    this.#lines = new ByteLines(bytes, file);
    this.#scanner = new EntryScanner(bytes, this.#builder);
  }

  read(): LoadedSet {
    const lines = this.#lines;
    while (!lines.ended) {
      const start = lines.skipBlanks(lines.lineStart);
      const end = lines.wordEnd(start);
      if (end > start) this.#readLine(start, end);
      lines.nextLine(end);
    }
    return { set: this.#builder.build(), entries: this.#entries, warnings: this.#warnings() };
  }

  /** Reads a line whose first word lies between two offsets. */
  #readLine(start: number, end: number): void {
    const lines = this.#lines;
    if (lines.isWord(start, end, 'create')) this.#checkOptions(this.#readIpsetName(end));
    else if (lines.isWord(start, end, 'add')) this.#readIpsetEntry(this.#readIpsetName(end));
    else this.#refuseWord(this.#addEntry(start, end), 'the end of the line');
  }

  /** Adds the entry between two offsets and returns the offset behind it. */
  #addEntry(start: number, end: number): number {
    let scanned = this.#scanner.scan(start, end);
    if (scanned === 'unknown') {
      const warnings: Warning[] = [];
      addPeer(
        this.#builder,
        parseAddresses(this.#lines.text(start, end), this.#lines.location(start), warnings),
      );
      scanned = warnings.length > 0 ? 'host bits' : 'added';
    }
    if (scanned === 'host bits') {
      this.#hostBits += 1;
      this.#firstHostBits ??= this.#lines.location(start);
    }
    this.#entries += 1;
    return end;
  }

  #readIpsetName(at: number): number {
    const { start, end } = this.#expectWord(at, 'the name of an ipset');
    if (this.#ipsetName !== undefined && this.#lines.isWord(start, end, this.#ipsetName)) return end;
    const name = this.#lines.text(start, end);
    if (this.#ipsetName !== undefined && name !== this.#ipsetName) {
      const reason = `${quote(name)} is a second ipset: expected ${quote(this.#ipsetName)} only`;
      refuse(this.#lines.location(start), reason, 'save one set a file: ipset save NAME');
    }
    this.#ipsetName = name;
    return end;
  }

  #readIpsetEntry(behindName: number): void {
    const { start, end } = this.#expectWord(behindName, ENTRY);
    this.#addEntry(start, end);
    this.#checkOptions(end);
  }

  /** Refuses the options of an ipset line that change which addresses the entries mean; the rest is passed over. */
  #checkOptions(at: number): void {
    const lines = this.#lines;
    let option = lines.skipBlanks(at);
    for (let behind = this.#optionEnd(option); behind > option; behind = this.#optionEnd(option)) {
      const [, expected] = MEANINGFUL_OPTIONS.find(([word]) => lines.isWord(option, behind, word)) ?? [];
      if (expected !== undefined) this.#refuseWord(option, expected);
      option = lines.skipBlanks(behind);
    }
  }

  /** The offset behind the option, or the comment in quotes, that starts at an offset. */
  #optionEnd(at: number): number {
    const behind = this.#lines.skipQuoted(at);
    return behind > at ? behind : this.#lines.wordEnd(at);
  }

  #expectWord(at: number, expected: string): { start: number; end: number } {
    const start = this.#lines.skipBlanks(at);
    const end = this.#lines.wordEnd(start);
    if (end === start)
      refuse(this.#lines.location(start), `unexpected end of the line: expected ${expected}`);
    return { start, end };
  }

  /** Refuses the word at or behind an offset, if there is one. */
  #refuseWord(at: number, expected: string): void {
    const start = this.#lines.skipBlanks(at);
    const end = this.#lines.wordEnd(start);
    if (end === start) return;
    const word = this.#lines.text(start, end);
    refuse(this.#lines.location(start), `unexpected ${quote(word)}: expected ${expected}`);
  }

  #warnings(): Warning[] {
    const location = this.#firstHostBits;
    if (location === undefined) return [];
    const count = this.#hostBits === 1 ? 'an entry has' : `${this.#hostBits} entries, this one first, have`;
    return [
      { location, message: `${count} bits set below the prefix length; they are taken as those prefixes` },
    ];
  }
}
