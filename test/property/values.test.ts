import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatValue, parseEntry, parseValue, toHex, type ValueType } from '../../src/bpf/values/index.js';
import { bytesOf, valueTypes } from '../support/value-types.js';
import { machine } from '../unit/support/entries.js';

const RUNS = 2000;

const typesWithBytes = valueTypes.chain((type) => fc.tuple(fc.constant(type), bytesOf(type.size)));

it('what is written of any bytes of any type reads as these bytes', () => {
  let withoutHex = 0;
  fc.assert(
    fc.property(typesWithBytes, fc.boolean(), ([type, bytes], littleEndian) => {
      const text = formatValue(type, bytes, machine(littleEndian));
      if (!text.includes('hex:')) withoutHex++;
      expect(toHex(parseValue(type, text, machine(littleEndian)))).toBe(toHex(bytes));
    }),
    { numRuns: RUNS },
  );
  // Bytes would always read as themselves.
  expect(withoutHex).toBeGreaterThan(RUNS / 10);
});

it('what is written stands on a command line and in a file', () => {
  fc.assert(
    fc.property(typesWithBytes, ([type, bytes]) => {
      const text = formatValue(type, bytes, machine());
      expect(parseEntry(`map,${text},${text}`)).toEqual({ map: 'map', key: text, value: text });
      // What the reader of a file takes away from a line.
      expect(text.replace(/#.*/s, '').trim()).toBe(text);
    }),
    { numRuns: RUNS },
  );
});

it('members may be given in any order, or by position', () => {
  fc.assert(
    fc.property(typesWithBytes, fc.integer(), ([type, bytes], seed) => {
      if (type.kind !== 'struct' || type.notation !== undefined) return;
      const parts = type.members.map(({ name, type, offset }) => {
        return [name, formatValue(type, bytes.subarray(offset, offset + type.size), machine())] as const;
      });
      const expected = toHex(
        parseValue(type, `{${parts.map((part) => part.join('=')).join(';')}}`, machine()),
      );
      const by = (text: string) => toHex(parseValue(type, `{${text}}`, machine()));
      expect(by(parts.map(([, value]) => value).join(';'))).toBe(expected);
      const shift = Math.abs(seed) % parts.length;
      const turned = [...parts.slice(shift), ...parts.slice(0, shift)];
      expect(by(turned.map(([name, value]) => ` ${name} = ${value} `).join(';'))).toBe(expected);
    }),
    { numRuns: RUNS },
  );
});

/** Text that is nearly a value: what is written for some bytes, with a few characters changed. */
const nearly = (type: ValueType) =>
  fc
    .tuple(
      bytesOf(type.size),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{};=",\\:x0-a#/ \ufffd')), { maxLength: 4 }),
    )
    .map(([bytes, changes]) => {
      const text = [...formatValue(type, bytes, machine())];
      for (const [at, char] of changes) text[at % (text.length + 1)] = char;
      return text.join('');
    });

it('any text is a value or refused with an AlfError that says what was expected', () => {
  const texts = (type: ValueType) =>
    fc.oneof(
      fc.string(),
      nearly(type),
      fc.constantFrom('{', '}', '{}', '{{', '"', '"\\', '__proto__', 'hex:', ':', '{=}'),
    );
  const withText = valueTypes.chain((type) => fc.tuple(fc.constant(type), texts(type)));
  let refused = 0;
  fc.assert(
    fc.property(withText, ([type, text]) => {
      try {
        expect(parseValue(type, text, machine())).toHaveLength(type.size);
      } catch (error) {
        refused++;
        expect(error).toMatchObject({ name: 'AlfError', hint: expect.stringMatching(/^(expected|see: )./) });
      }
    }),
    { numRuns: 2 * RUNS },
  );
  expect(refused).toBeGreaterThan(RUNS / 10);
});
