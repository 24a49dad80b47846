/** A set of small numbers, one bit each. All sets of a computation have the same size. */
export type Bits = Uint32Array;

/** An empty set of numbers below `size`. */
export function noBits(size: number): Bits {
  return new Uint32Array(Math.ceil(size / 32));
}

/** Adds a number. */
export function putBit(bits: Bits, number: number): void {
  bits[number >>> 5] = (bits[number >>> 5] as number) | (1 << (number & 31));
}

/** Adds a number, or removes it if it is in the set. */
export function flipBit(bits: Bits, number: number): void {
  bits[number >>> 5] = (bits[number >>> 5] as number) ^ (1 << (number & 31));
}

/** Whether a number is in the set. */
export function hasBit(bits: Bits, number: number): boolean {
  return (((bits[number >>> 5] as number) >>> (number & 31)) & 1) === 1;
}

/** The numbers in both sets; undefined if they have none in common. */
export function commonBits(a: Bits, b: Bits): Bits | undefined {
  const common = new Uint32Array(a.length);
  let any = 0;
  for (let word = 0; word < a.length; word++) {
    common[word] = (a[word] as number) & (b[word] as number);
    any |= common[word] as number;
  }
  return any === 0 ? undefined : common;
}
