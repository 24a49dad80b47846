import { AddressScanner, NOT_FOUND } from '../../net/index.js';
import type { AddressSetBuilder } from '../address-set-builder.js';
import { copyWords, type Width } from '../rows.js';
import { compareWords } from '../sorted-order.js';

const SLASH = 0x2f;
const DASH = 0x2d;
const MAPPED_WORD = 0xffff;

/** The result for an entry: added, added with host bits cleared, or left to the exact parser. */
export type ScannedEntry = 'added' | 'host bits' | 'unknown';

/** Adds the entries of a set file to a set without allocating objects: addresses, prefixes, ranges. */
export class EntryScanner {
  readonly #bytes: Uint8Array;
  readonly #scanner: AddressScanner;
  readonly #builder: AddressSetBuilder;
  readonly #first = new Uint32Array(4);
  readonly #last = new Uint32Array(4);

  /**
   * @param bytes the text
   * @param builder gets the ranges
   */
  constructor(bytes: Uint8Array, builder: AddressSetBuilder) {
    this.#bytes = bytes;
    this.#scanner = new AddressScanner(bytes);
    this.#builder = builder;
  }

  /** Adds the entry between two offsets, if it is in a usual notation; IPv4-mapped addresses are not. */
  scan(at: number, end: number): ScannedEntry {
    let width: Width = 1;
    let behind = this.#scanner.scan4(at);
    if (behind === NOT_FOUND) {
      width = 4;
      behind = this.#scanner.scan6(at);
    }
    if (behind === NOT_FOUND || this.#isMapped(width)) return 'unknown';
    copyWords(this.#scanner.words, 0, this.#first, 0, 4);
    if (behind === end) {
      copyWords(this.#first, 0, this.#last, 0, 4);
      return this.#add(width);
    }
    if (this.#bytes[behind] === SLASH) return this.#addPrefix(behind + 1, end, width);
    return this.#bytes[behind] === DASH ? this.#addRange(behind + 1, end, width) : 'unknown';
  }

  #addPrefix(at: number, end: number, width: Width): ScannedEntry {
    if (this.#scanner.scanNumber(at, 32 * width) !== end) return 'unknown';
    const length = this.#scanner.words[0] as number;
    let hostBits = 0;
    for (let word = 0; word < width; word++) {
      const bits = Math.min(32, Math.max(0, length - 32 * word));
      // In JavaScript a shift by 32 is a shift by 0, so the empty mask is a separate case.
      const hostMask = bits === 32 ? 0 : 0xffff_ffff >>> bits;
      const address = this.#first[word] as number;
      hostBits |= address & hostMask;
      this.#first[word] = address & ~hostMask;
      this.#last[word] = address | hostMask;
    }
    this.#add(width);
    return hostBits === 0 ? 'added' : 'host bits';
  }

  #addRange(at: number, end: number, width: Width): ScannedEntry {
    const behind = width === 1 ? this.#scanner.scan4(at) : this.#scanner.scan6(at);
    if (behind !== end || this.#isMapped(width)) return 'unknown';
    copyWords(this.#scanner.words, 0, this.#last, 0, 4);
    return compareWords(this.#first, 0, this.#last, 0, width) <= 0 ? this.#add(width) : 'unknown';
  }

  #add(width: Width): ScannedEntry {
    if (width === 4) this.#builder.add6(this.#first, this.#last);
    else this.#builder.add4(this.#first[0] as number, this.#last[0] as number);
    return 'added';
  }

  #isMapped(width: Width): boolean {
    const { words } = this.#scanner;
    return width === 4 && words[0] === 0 && words[1] === 0 && words[2] === MAPPED_WORD;
  }
}
