import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlfError } from '../../src/errors/index.js';
import { formatPolicy, type PolicySource, parsePolicy, type Statement } from '../../src/policy/index.js';
import { statementTrees } from '../support/source-arbitraries.js';

const RUNS = { numRuns: 1000 };

/** Leaves out what formatting cannot keep: where things stood and how they were written. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  const isRule = 'kind' in value && value.kind === 'rule';
  const kept = Object.entries(value).filter(([key]) => key !== 'location' && !(isRule && key === 'text'));
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutPlaces(field)]));
}

const parseStatements = (text: string) => withoutPlaces(parsePolicy(text, 'r').statements);

test('parse ∘ format = id', () => {
  fc.assert(
    fc.property(statementTrees, (trees) => {
      const text = formatPolicy({ statements: trees as unknown as Statement[], warnings: [] });
      expect(parseStatements(text)).toEqual(trees);
      expect(formatPolicy(parsePolicy(text, 'r'))).toBe(text);
    }),
    RUNS,
  );
});

const words =
  'allow deny default set in on proto tcp icmp from port to limit 9/second burst per address log # x 10.0.0.0/8 ::1 ' +
  '::ffff:1.2.3.4/100 1-9 80 a.b @s s any private file refresh 5m { } , " "p q" \n \r\n eth0 10.0.0.1-10.0.0.2 \u0000';
const soup = fc.oneof(
  fc.array(fc.constantFrom(...words.split(' '))).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...words)).map((parts) => parts.join('')),
);

test('any text is refused with a place, or has a canonical form', () => {
  fc.assert(
    fc.property(soup, (text) => {
      let source: PolicySource;
      try {
        source = parsePolicy(text, 'r');
      } catch (error) {
        expect(error).toBeInstanceOf(AlfError);
        expect(error).toMatchObject({ code: 'ALF_RULE', message: expect.stringMatching(/^r:\d+:\d+: ./) });
        return;
      }
      expect(parseStatements(formatPolicy(source))).toEqual(withoutPlaces(source.statements));
    }),
    RUNS,
  );
});
