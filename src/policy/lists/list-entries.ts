import { AlfError } from '../../errors/index.js';
import { AddressSetBuilder } from '../address-set-builder.js';
import { parseAddresses } from '../parse-addresses.js';
import { addPeer } from '../peer-range.js';
import { refuse } from '../refuse.js';
import type { Warning } from '../syntax.js';
import type { AddressSet, SourceLocation } from '../types.js';
import type { ByteLines } from './byte-lines.js';
import { EntryScanner } from './scan-entry.js';
import { spellOut } from './spell-out.js';

const CUT_OFF = 'the file may be cut off: its last line does not end with a newline';

/** Collects the entries of a list of any format. */
export class ListEntries {
  /** The number of entries so far; equal and overlapping entries count. */
  count = 0;
  readonly #lines: ByteLines;
  readonly #builder = new AddressSetBuilder();
  readonly #scanner: EntryScanner;
  #hostBits = 0;
  #firstHostBits: SourceLocation | undefined;

  /** @param lines the text; its current line is the line of the entry that is added */
  constructor(lines: ByteLines) {
    this.#lines = lines;
    this.#scanner = new EntryScanner(lines.bytes, this.#builder);
  }

  /**
   * Adds the entry between two offsets.
   *
   * @throws AlfError ALF_RULE if there is no address, prefix or range, or if it looks cut off
   */
  add(start: number, end: number): void {
    const scanned = this.#scanner.scan(start, end);
    if (scanned === 'unknown') {
      this.addText(this.#lines.text(start, end), start);
      return;
    }
    this.count += 1;
    if (scanned === 'host bits') this.#noteHostBits(start, end);
  }

  /** Adds an entry given as text that starts at an offset; the same as {@link add}. */
  addText(text: string, start: number): void {
    const location = this.#lines.location(start);
    const warnings: Warning[] = [];
    try {
      addPeer(this.#builder, parseAddresses(spellOut(text, location) ?? text, location, warnings));
    } catch (error) {
      throw this.#explain(error, start + text.length);
    }
    this.count += 1;
    if (warnings.length > 0) this.#noteHostBits(start, start + text.length);
  }

  /** The set of all entries so far. */
  build(): AddressSet {
    return this.#builder.build();
  }

  /** One warning for all entries with host bits, if there are any. */
  warnings(): Warning[] {
    const location = this.#firstHostBits;
    if (location === undefined) return [];
    const count = this.#hostBits === 1 ? 'an entry has' : `${this.#hostBits} entries, this one first, have`;
    return [
      { location, message: `${count} bits set below the prefix length; they are taken as those prefixes` },
    ];
  }

  #noteHostBits(start: number, end: number): void {
    const location = this.#lines.location(start);
    // 203.0.113.0/24 without its last digit is 203.0.113.0/2, a quarter of the Internet.
    if (end >= this.#lines.bytes.length)
      refuse(location, 'the last entry has bits set below its prefix length', CUT_OFF);
    this.#hostBits += 1;
    this.#firstHostBits ??= location;
  }

  /** Adds a hint to the refusal of the last entry, if the file may be cut off there. */
  #explain(error: unknown, end: number): unknown {
    const isCutOff = this.count > 0 && end >= this.#lines.bytes.length;
    return error instanceof AlfError && isCutOff
      ? new AlfError(error.code, error.message, { hint: CUT_OFF })
      : error;
  }
}
