import { AlfError } from '../../errors/index.js';
import { hostIsLittleEndian } from '../../net/index.js';
import { BANK_PAGES, Index, PAGE_BYTES, PAGE_CELLS, ROW_WORDS, SHORT_LIST, Tag } from './layout.js';
import { reference } from './reference.js';

/** Cells of a cache line of 64 bytes. */
const LINE_CELLS = 8;

/**
 * The flat memory of a policy while it is laid out, and afterwards: a growing run of pages.
 *
 * Positions are cells of 8 bytes, as in references. Numbers are in the order of this machine, which is the kernel's.
 */
export class Image {
  /** The whole memory as 32-bit words, two to a cell; longer than what is in use. */
  words: Uint32Array;
  /** Cells in use. */
  private used = 0;

  constructor(cells = PAGE_CELLS) {
    this.words = new Uint32Array(2 * Math.ceil(cells / PAGE_CELLS) * PAGE_CELLS);
  }

  /** Pages in use. */
  get pages(): number {
    return Math.ceil(this.used / PAGE_CELLS);
  }

  /** One behind the last cell in use. */
  get end(): number {
    return this.used;
  }

  /** The bytes of one page: a view, not a copy. */
  page(number: number): Uint8Array {
    return new Uint8Array(this.words.buffer, number * PAGE_BYTES, PAGE_BYTES);
  }

  /**
   * Takes `cells` cells in a row, wherever pages end.
   *
   * @throws AlfError ALF_MAP when the policy is too large
   */
  takeRun(cells: number): number {
    const at = this.used;
    this.used += cells;
    if (this.used > BANK_PAGES * PAGE_CELLS) {
      throw new AlfError('ALF_MAP', `the policy needs more than ${(BANK_PAGES * PAGE_BYTES) / 2 ** 20} MiB`, {
        hint: 'split the policy, or give the kernel fewer and wider prefixes',
      });
    }
    if (2 * this.used > this.words.length) this.grow();
    return at;
  }

  /** Takes the cells of a list: on one page, with room behind it, as a reader reads `SHORT_LIST` cells at once. */
  takeList(cells: number): number {
    const left = PAGE_CELLS - (this.used % PAGE_CELLS);
    if (left < cells + SHORT_LIST - 1) this.takeRun(left);
    return this.takeRun(cells);
  }

  /** Takes the cells of an index, from a multiple of their number on. */
  takeIndex(): number {
    const size = Index.size / 2;
    this.align(size);
    return this.takeRun(size);
  }

  /** Takes the cells of slots, from where a cache line begins. */
  takeSlots(cells: number): number {
    this.align(LINE_CELLS);
    return this.takeRun(cells);
  }

  /** Lays out a row of bits, 32 rules to a word, behind its summary. @returns a reference to it */
  putRow(bits: Uint32Array): number {
    // A reader wants room for a full row behind where this one begins.
    const left = PAGE_CELLS - (this.used % PAGE_CELLS);
    if (left < 1 + ROW_WORDS) this.takeRun(left);
    const at = this.takeRun(1 + Math.ceil(bits.length / 2));
    putRowAt(this.words, 2 * at, bits);
    return reference(Tag.row, at);
  }

  private align(cells: number): void {
    this.takeRun((cells - (this.used % cells)) % cells);
  }

  private grow(): void {
    const pages = Math.ceil(Math.max(this.used, (3 * this.words.length) / 4) / PAGE_CELLS);
    const words = new Uint32Array(2 * pages * PAGE_CELLS);
    words.set(this.words);
    this.words = words;
  }
}

/** Writes 64-bit words at `at`, counted in 32-bit words, from words of 32 bits each. */
export function putBits(words: Uint32Array, at: number, bits: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) words[at + half64(i)] = bits[i] ?? 0;
}

/** Writes the summary of `bits` at `at`, counted in 32-bit words, and the bits behind it. */
export function putRowAt(words: Uint32Array, at: number, bits: Uint32Array): void {
  putBits(words, at + 2, bits);
  const summary = new Uint32Array(2);
  bits.forEach((word, i) => {
    if (word !== 0) summary[i >> 6] = (summary[i >> 6] ?? 0) | (1 << ((i >> 1) & 31));
  });
  putBits(words, at, summary);
}

const LITTLE_ENDIAN = hostIsLittleEndian();

/** Where the 32 bits number `i` of a run of 64-bit numbers are, in 32-bit words. */
export function half64(i: number): number {
  return LITTLE_ENDIAN ? i : i ^ 1;
}
