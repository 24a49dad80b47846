import fc from 'fast-check';
import type { AddressFamily } from '../../src/net/index.js';

/** A range of addresses as plain numbers, and one way to write it: a model that shares no code with the product. */
export interface ModelRange {
  readonly family: AddressFamily;
  readonly first: bigint;
  readonly last: bigint;
  readonly text: string;
}

export const bitsOf = (family: AddressFamily) => (family === 4 ? 32n : 128n);

// Few values close together, so that ranges meet, and where word limits and ends of the families are.
const BASES: Record<AddressFamily, readonly bigint[]> = {
  4: [0n, (10n << 24n) - 4n, (1n << 32n) - 8n],
  6: [0n, (1n << 32n) - 4n, (1n << 64n) - 4n, (0x20010db8n << 96n) + (1n << 64n), (1n << 128n) - 8n],
};

export const modelFamily = fc.constantFrom<AddressFamily>(4, 6);

/** An address as a number, drawn from a small pool. */
export function modelAddress(family: AddressFamily): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.constantFrom(...BASES[family]), fc.bigInt(0n, 7n))
    .map(([base, offset]) => base + offset);
}

/** Bytes in network order. */
export function modelBytes(family: AddressFamily, value: bigint): number[] {
  const length = family === 4 ? 4 : 16;
  return Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
}

/** Writes an address in full, IPv4 also as IPv4-mapped IPv6. */
export function modelText(family: AddressFamily, value: bigint, mapped = false): string {
  const bytes = modelBytes(family, value);
  if (family === 4) return `${mapped ? '::ffff:' : ''}${bytes.join('.')}`;
  const groups = Array.from(
    { length: 8 },
    (_, i) => (bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number),
  );
  return groups.map((group) => group.toString(16)).join(':');
}

/** A prefix (host bits clear), an address or a range. */
export const modelRange: fc.Arbitrary<ModelRange> = modelFamily.chain((family) =>
  fc.oneof(modelPrefix(family), modelSpan(family)),
);

function modelPrefix(family: AddressFamily): fc.Arbitrary<ModelRange> {
  const bits = bitsOf(family);
  return fc.tuple(modelAddress(family), fc.bigInt(0n, bits), fc.boolean()).map(([value, length, mapped]) => {
    const size = 1n << (bits - length);
    const first = value - (value % size);
    const written = mapped && family === 4 ? length + 96n : length;
    return { family, first, last: first + size - 1n, text: `${modelText(family, first, mapped)}/${written}` };
  });
}

function modelSpan(family: AddressFamily): fc.Arbitrary<ModelRange> {
  return fc.tuple(modelAddress(family), modelAddress(family), fc.boolean()).map(([a, b, mapped]) => {
    const [first, last] = a < b ? [a, b] : [b, a];
    const text = `${modelText(family, first, mapped)}-${modelText(family, last)}`;
    return { family, first, last, text: first === last ? modelText(family, first, mapped) : text };
  });
}
