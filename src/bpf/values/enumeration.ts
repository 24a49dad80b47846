import { AlfError, quote } from '../../errors/index.js';
import type { Codec } from './codec.js';
import { integerBytes, integerValue, parseNumber } from './integer.js';
import type { Enumerator } from './value-type.js';

/** How many names a message lists. */
const SHOWN = 12;

/**
 * An enumeration of `size` bytes: one of its names, or the number of one.
 *
 * Where two names mean the same number, the first of them is written.
 */
export function enumCodec(enumerators: readonly Enumerator[], size: number): Codec {
  const bits = size * 8;
  const sameBits = (a: bigint, b: bigint) => BigInt.asUintN(bits, a) === BigInt.asUintN(bits, b);
  const isInRange = (value: bigint) => value >= -(1n << BigInt(bits - 1)) && value < 1n << BigInt(bits);
  const names = enumerators.map(({ name }) => name);
  const listed = names.length > SHOWN ? [...names.slice(0, SHOWN), '…'] : names;
  return {
    expects: `one of: ${listed.join(', ')}`,
    parse: (text, { littleEndian }) => {
      const number = parseNumber(text);
      const found = enumerators.find(({ name, value }) =>
        number === undefined ? name === text : isInRange(number) && sameBits(number, value),
      );
      if (found === undefined) {
        throw new AlfError('ALF_ENTRY', `${quote(text)} is not one of the enumeration's values`);
      }
      return integerBytes(BigInt.asUintN(bits, found.value), size, littleEndian);
    },
    format: (bytes, { littleEndian }) => {
      const number = integerValue(bytes, littleEndian);
      return enumerators.find(({ value }) => sameBits(number, value))?.name;
    },
  };
}
