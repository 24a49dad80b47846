const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const GROUPS = 8;

/** The result of a failed scan, in place of an offset. */
export const NOT_FOUND = -1;

/**
 * Reads addresses straight from bytes, for set files of a million lines.
 *
 * It accepts the usual notations only: every IPv4 address, and IPv6 in groups. Other text may still be an address, which
 * {@link parseAddress} decides.
 */
export class AddressScanner {
  /** The last number or address: one host-order word, or four for IPv6, most significant first. */
  readonly words = new Uint32Array(4);
  readonly #bytes: Uint8Array;
  readonly #groups = new Uint16Array(GROUPS);

  /** @param bytes text in ASCII */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Reads a decimal number of at most three digits, without leading zeros. Returns the offset after it. */
  scanNumber(at: number, max: number): number {
    let value = 0;
    let end = at;
    for (; end < at + 3; end++) {
      const byte = this.#bytes[end] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      value = 10 * value + byte - ZERO;
    }
    if (end === at || value > max || (this.#bytes[at] === ZERO && end > at + 1)) return NOT_FOUND;
    this.words[0] = value;
    return end;
  }

  /** Reads an IPv4 address in dotted decimal form. Returns the offset after it. */
  scan4(at: number): number {
    let address = 0;
    let end = at;
    for (let part = 0; part < 4; part++) {
      if (part > 0 && this.#bytes[end++] !== DOT) return NOT_FOUND;
      end = this.scanNumber(end, 255);
      if (end === NOT_FOUND) return NOT_FOUND;
      address = address * 256 + (this.words[0] as number);
    }
    this.words[0] = address;
    return end;
  }

  /** Reads an IPv6 address in groups, `::` included, without an IPv4 tail. Returns the offset after it. */
  scan6(at: number): number {
    let end = at;
    let count = 0;
    let gap = NOT_FOUND;
    for (;;) {
      const colon = this.#bytes[end] === COLON;
      if (colon && this.#bytes[end + 1] === COLON) {
        if (gap !== NOT_FOUND) return NOT_FOUND;
        gap = count;
        end += 2;
        if (hexDigit(this.#bytes[end]) < 0) break;
      } else if (count > 0) {
        if (!colon) break;
        end += 1;
      }
      if (count === GROUPS) return NOT_FOUND;
      const start = end;
      end = this.#scanGroup(start, count);
      if (end === start) return NOT_FOUND;
      count += 1;
    }
    // `::` stands for at least one group; without it all eight must be there.
    if ((gap === NOT_FOUND) !== (count === GROUPS)) return NOT_FOUND;
    if (gap !== NOT_FOUND) this.#openGap(gap, count);
    for (let word = 0; word < 4; word++) {
      const high = this.#groups[2 * word] as number;
      this.words[word] = (high << 16) | (this.#groups[2 * word + 1] as number);
    }
    return end;
  }

  #scanGroup(at: number, index: number): number {
    let group = 0;
    let end = at;
    for (; end < at + 4; end++) {
      const digit = hexDigit(this.#bytes[end]);
      if (digit < 0) break;
      group = 16 * group + digit;
    }
    this.#groups[index] = group;
    return end;
  }

  /** Moves the groups after `::` to the end of the address. */
  #openGap(gap: number, count: number): void {
    const tail = GROUPS - (count - gap);
    this.#groups.copyWithin(tail, gap, count);
    this.#groups.fill(0, gap, tail);
  }
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
