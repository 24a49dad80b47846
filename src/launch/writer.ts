/** Bytes before the first value: magic, version, size, checksum. */
const HEADER_BYTES = 16;
const VERSION = 1;
/** Room for most plans and targets. */
const FIRST_BYTES = 16_384;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Brings the upper bits down: those of a word would change the same bits of the sum only. */
const FOLD = 15;

/**
 * Writes values for the runtime to read.
 *
 * Numbers are little-endian, bytes are padded to a multiple of four. The format is described in native/runtime/reader.h.
 */
export class Writer {
  #bytes = new Uint8Array(FIRST_BYTES);
  // The writing methods of Buffer are JavaScript, and would have to be compiled at each start.
  #view = new DataView(this.#bytes.buffer);
  #size = HEADER_BYTES;

  /** A number of 32 bits; a negative one in two's complement. */
  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#size, value, true);
    this.#size += 4;
  }

  /** A number of 64 bits; a negative one in two's complement. */
  u64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigUint64(this.#size, value, true);
    this.#size += 8;
  }

  bool(value: boolean): void {
    this.u32(value ? 1 : 0);
  }

  bytes(value: Uint8Array): void {
    this.#padded(value, value.length);
  }

  /** Bytes that end with a zero. @param value without it, and without any other */
  string(value: Uint8Array): void {
    this.#padded(value, value.length + 1);
  }

  /** A count and the items. */
  array<T>(items: readonly T[], write: (item: T) => void): void {
    this.u32(items.length);
    for (const item of items) write(item);
  }

  /** Writes the header. @param magic says what it is */
  finish(magic: number): Uint8Array {
    const size = this.#size;
    const sum = checksum(this.#view, HEADER_BYTES, size);
    this.#size = 0;
    this.u32(magic);
    this.u32(VERSION);
    this.u32(size);
    this.u32(sum);
    return this.#bytes.subarray(0, size);
  }

  /** Bytes, and zeros up to a size and to a multiple of four. */
  #padded(value: Uint8Array, size: number): void {
    this.u32(size);
    this.#reserve(size + 3);
    this.#bytes.set(value, this.#size);
    this.#size += (size + 3) & ~3;
  }

  #reserve(more: number): void {
    if (this.#size + more <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#size + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Like FNV-1a, over words instead of bytes: a start runs this loop in V8's interpreter. */
function checksum(words: DataView, from: number, to: number): number {
  let hash = FNV_OFFSET;
  for (let at = from; at < to; at += 4) {
    hash = Math.imul(hash ^ words.getUint32(at, true), FNV_PRIME);
    hash ^= hash >>> FOLD;
  }
  return hash;
}
