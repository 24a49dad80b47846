import { setFromRows } from './address-set.js';
import { copyWords, type Rows, type Width } from './rows.js';
import type { AddressSet } from './types.js';

/** Collects ranges in any order and makes an {@link AddressSet} of them. */
export class AddressSetBuilder {
  readonly #v4 = new GrowingRows(1);
  readonly #v6 = new GrowingRows(4);

  /** Adds the IPv4 addresses from `first` to `last`, host-order numbers, both included. */
  add4(first: number, last: number): void {
    const at = this.#v4.grow();
    this.#v4.words[at] = first;
    this.#v4.words[at + 1] = last;
  }

  /** Adds the IPv6 addresses between two rows of four host-order words, most significant first, both included. */
  add6(first: Uint32Array, last: Uint32Array): void {
    const at = this.#v6.grow();
    copyWords(first, 0, this.#v6.words, at, 4);
    copyWords(last, 0, this.#v6.words, at + 4, 4);
  }

  /** Adds the addresses between two addresses of one family, both included: 4 or 16 bytes, network order. */
  addBytes(first: readonly number[], last: readonly number[]): void {
    const [low, high] = [wordsOf(first), wordsOf(last)];
    if (low.length === 1) this.add4(low[0] as number, high[0] as number);
    else this.add6(low, high);
  }

  /** The set of everything added so far. */
  build(): AddressSet {
    return setFromRows(this.#v4.used(), this.#v6.used());
  }
}

class GrowingRows {
  words: Rows;
  readonly #stride: number;
  #end = 0;

  constructor(width: Width) {
    this.#stride = 2 * width;
    this.words = new Uint32Array(16 * this.#stride);
  }

  /** Makes room for one more row, and returns the word at which it starts. */
  grow(): number {
    if (this.#end === this.words.length) {
      const larger = new Uint32Array(2 * this.words.length);
      larger.set(this.words);
      this.words = larger;
    }
    this.#end += this.#stride;
    return this.#end - this.#stride;
  }

  used(): Rows {
    return this.words.subarray(0, this.#end);
  }
}

function wordsOf(bytes: readonly number[]): Uint32Array {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, word) => view.getUint32(4 * word));
}
