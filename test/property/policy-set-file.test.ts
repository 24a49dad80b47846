import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlfError } from '../../src/errors/index.js';
import {
  type AddressSet,
  noInputs,
  parsePolicy,
  parseSetFile,
  resolvePolicy,
} from '../../src/policy/index.js';
import { modelRange } from '../support/address-model.js';

const RUNS = { numRuns: 3000 };

/** Prefixes with parts left out, and netmasks. */
const LIST_ONLY = /^\d+(\.\d+){0,2}\/|\/\d+\./;

/** The set, or the reason why there is none, without its place. */
function attempt(load: () => AddressSet | undefined): AddressSet | string | undefined {
  try {
    return load();
  } catch (error) {
    if (error instanceof AlfError) return error.message.replace(/^.*?:\d+:\d+: /, '');
    throw error;
  }
}

/** Addresses, prefixes and ranges, most of them with a few characters changed. */
const nearEntry = fc
  .tuple(
    fc.oneof(
      modelRange.map((range) => range.text),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.tuple(fc.ipV6(), fc.nat(140)).map(([address, length]) => `${address}/${length}`),
      fc.tuple(fc.ipV4(), fc.nat(40)).map(([address, length]) => `${address}/${length}`),
    ),
    fc.array(fc.tuple(fc.nat(45), fc.constantFrom(...'0123456789afF:./-', '::', '')), { maxLength: 2 }),
    fc.nat(1),
  )
  .map(([text, changes, replaced]) =>
    changes.reduce((sum, [at, inserted]) => sum.slice(0, at) + inserted + sum.slice(at + replaced), text),
  )
  .filter((text) => /[.:]/.test(text) && !text.includes('0x'));

test('a set file reads an entry as a rule does', () => {
  fc.assert(
    fc.property(
      nearEntry.filter((text) => !LIST_ONLY.test(text)),
      (text) => {
        const file = attempt(() => parseSetFile(new TextEncoder().encode(`${text}\n`), 'f').set);
        // A set in braces keeps even the set of everybody, which a rule turns into `undefined`.
        const rule = attempt(() => {
          const source = parsePolicy(`set x { ${text} }\ndeny from @x to ::1`, 'f');
          return resolvePolicy(source, noInputs).policy.rules[0]?.match.source;
        });
        if (typeof rule === 'string' && typeof file === 'string') return;
        expect(file).toEqual(rule);
      },
    ),
    RUNS,
  );
});

test('any bytes are refused with a place, or are a set', () => {
  const line = fc.oneof(
    nearEntry,
    fc.constantFrom(
      'add a',
      'create a hash:ip',
      'set a {',
      'elements = {',
      '}',
      '{"cidr":"',
      '["',
      '],',
      '"}',
      '#',
      ';',
      ' ',
      '\r',
      '\uFEFF',
      '"',
      'nomatch',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.array(line).map((l) => new TextEncoder().encode(l.join('\n'))),
      ),
      (bytes) => {
        try {
          parseSetFile(bytes, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(AlfError);
          expect(error).toMatchObject({ code: 'ALF_RULE', message: expect.stringMatching(/^f:\d+:\d+: ./) });
        }
      },
    ),
    { numRuns: 500 },
  );
});
