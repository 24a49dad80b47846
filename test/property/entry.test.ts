import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseEntry } from '../../src/bpf/values/index.js';
import { encode, encodeValue, machine } from '../unit/support/entries.js';
import { mapOf } from '../unit/support/objects.js';

/** The number that bytes mean, by Node's own reading of them. */
function decode(hex: string, signed: boolean, littleEndian: boolean): bigint {
  const bytes = Buffer.from(hex, 'hex');
  const digits = (littleEndian ? bytes.reverse() : bytes).toString('hex');
  const value = BigInt(`0x${digits}`);
  return signed ? BigInt.asIntN(bytes.length * 8, value) : value;
}

it.each(['u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64'])(
  'what is written as %s is read as the same number',
  (type) => {
    const [signed, bits] = [type.startsWith('s'), BigInt(type.slice(1))];
    const number = signed
      ? fc.bigInt({ min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n })
      : fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
    fc.assert(
      fc.property(number, fc.boolean(), (number, littleEndian) => {
        const hex = encodeValue(type, String(number), machine(littleEndian));
        expect(decode(hex, signed, littleEndian)).toBe(number);
      }),
    );
  },
);

it('any text is an entry or refused with an AlfError', () => {
  const maps = [
    mapOf('array', 'u32', 's64'),
    mapOf('hash', 'address6', 'portnumber'),
    mapOf('lpm_trie', 'subnet4', 'index'),
    mapOf('hash', 'interface', 'index'),
  ];
  const word = fc.oneof(
    fc.string(),
    fc.stringMatching(/^(u?int(8|32)_t:|subnet4:|index:)?[0-9a-fx:./-]{0,20}$/),
    fc.constantFrom('constructor:1', '__proto__:1', '__proto__', 'toString'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...maps), word, word, (map, key, value) => {
      try {
        parseEntry(`${map.name},${key},${value}`);
        encode(map, `${key},${value}`);
      } catch (error) {
        expect(error).toMatchObject({ name: 'AlfError', code: 'ALF_ENTRY' });
      }
    }),
    { numRuns: 2000 },
  );
});
