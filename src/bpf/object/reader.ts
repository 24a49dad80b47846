import { AlfError, quote } from '../../errors/index.js';

const DAMAGED = 'compile the object again';

/**
 * Reads numbers and strings out of a file image at given offsets, every access checked against its end.
 *
 * All offsets are bytes from the start of the image. Throws AlfError ALF_OBJECT on an access outside.
 */
export class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #littleEndian: boolean;
  readonly #what: string;

  /** @param what names the image in the error: `ELF header`, `BTF` */
  constructor(bytes: Uint8Array, littleEndian: boolean, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.#what = what;
  }

  get littleEndian(): boolean {
    return this.#littleEndian;
  }

  u8(offset: number): number {
    this.#need(offset, 1);
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    this.#need(offset, 2);
    return this.#view.getUint16(offset, this.#littleEndian);
  }

  u32(offset: number): number {
    this.#need(offset, 4);
    return this.#view.getUint32(offset, this.#littleEndian);
  }

  /** An unsigned 64-bit number that must fit into 53 bits, as every size and offset of a real file does. */
  u64(offset: number): number {
    this.#need(offset, 8);
    const value = this.#view.getBigUint64(offset, this.#littleEndian);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.#fail();
    return Number(value);
  }

  /** A view of `size` bytes, not a copy. */
  slice(offset: number, size: number): Uint8Array {
    this.#need(offset, size);
    return this.#bytes.subarray(offset, offset + size);
  }

  /** A reader of `size` bytes of it: what lies outside of them is out of its reach. */
  part(offset: number, size: number): Reader {
    return new Reader(this.slice(offset, size), this.#littleEndian, this.#what);
  }

  /** A name, up to its zero byte; what could steer the terminal it is printed on is refused. */
  text(offset: number): string {
    this.#need(offset, 1);
    const end = this.#bytes.indexOf(0, offset);
    if (end < 0) this.#fail();
    const text = new TextDecoder().decode(this.#bytes.subarray(offset, end));
    if (/\p{Cc}/u.test(text)) {
      throw new AlfError(
        'ALF_OBJECT',
        `${this.#what} has the name ${quote(text)}, with a control character`,
        {
          hint: 'no compiler makes such a name: do not trust this file',
        },
      );
    }
    return text;
  }

  #need(offset: number, size: number): void {
    if (offset + size > this.#bytes.length) this.#fail();
  }

  #fail(): never {
    throw new AlfError('ALF_OBJECT', `${this.#what} is damaged or cut short`, {
      hint: DAMAGED,
    });
  }
}
