import { AlfError, quote } from '../../errors/index.js';
import type { Codec } from './codec.js';

/** The `size` low bytes of an unsigned number. */
export function integerBytes(value: bigint, size: number, littleEndian: boolean): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  return littleEndian ? bytes : bytes.reverse();
}

/** The unsigned number that bytes mean. */
export function integerValue(bytes: Uint8Array, littleEndian: boolean): bigint {
  const ordered = littleEndian ? [...bytes].reverse() : [...bytes];
  return ordered.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/**
 * Reads a number: decimal, or hexadecimal behind `0x`. Leading zeros are decimal: ordinals are often written 01, 02, … 10.
 *
 * @returns undefined for other text
 */
export function parseNumber(text: string): bigint | undefined {
  const isNumber = /^-?\d+$/.test(text) || /^0[xX][0-9a-fA-F]+$/.test(text);
  return isNumber ? BigInt(text) : undefined;
}

/**
 * Integers of `size` bytes.
 *
 * @param order of the bytes; `host` is that of the machine the object was compiled for
 */
export function integerCodec(size: number, signed: boolean, order: 'host' | 'big' | 'little'): Codec {
  const bits = BigInt(size * 8);
  const [least, most] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  const isLittle = (host: boolean) => (order === 'host' ? host : order === 'little');
  return {
    expects: `a number from ${least} to ${most}`,
    parse: (text, { littleEndian }) => {
      const value = parseNumber(text);
      if (value === undefined || value < least || value > most) {
        const what = value === undefined ? 'is not a number' : 'is out of range';
        throw new AlfError('ALF_ENTRY', `${quote(text)} ${what}`);
      }
      return integerBytes(BigInt.asUintN(Number(bits), value), size, isLittle(littleEndian));
    },
    format: (bytes, { littleEndian }) => {
      const value = integerValue(bytes, isLittle(littleEndian));
      return String(signed ? BigInt.asIntN(Number(bits), value) : value);
    },
  };
}
