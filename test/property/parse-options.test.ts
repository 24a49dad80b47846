import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCommandLine } from '../../src/cli/parse.js';
import { cutWords } from '../unit/support/parse-options.js';

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('', '-', '--', '--port', '-v', '=', 'a=b', '--help', '-x', '\n'),
);

/** An option as it may be written, and as it is handed on. */
const own = fc.oneof(
  text.map((value) => ({ words: ['--set', value], given: `--set=${value}` })),
  text.map((value) => ({ words: [`--set=${value}`], given: `--set=${value}` })),
  text.map((value) => ({ words: [`--set-file=${value}`], given: `--set-file=${value}` })),
  text.map((value) => ({ words: ['--set-file', value], given: `--set-file=${value}` })),
);
const filter = fc.string().filter((word) => !word.startsWith('-'));

it('loses no word, keeps their order, and does not read behind the filter', () => {
  fc.assert(
    fc.property(fc.array(own), filter, fc.array(text), (options, filter, target) => {
      const argv = [...options.flatMap(({ words }) => words), filter, ...target];
      const cut = cutWords(argv);
      expect(cut.own).toEqual(options.map(({ given }) => given));
      expect(argv.slice(cut.rest)).toEqual([filter, ...target]);
    }),
    { numRuns: 500 },
  );
});

it('does not read behind --', () => {
  fc.assert(
    fc.property(fc.array(own), fc.array(text), (options, rest) => {
      const argv = [...options.flatMap(({ words }) => words), '--', ...rest];
      expect(argv.slice(cutWords(argv).rest)).toEqual(rest);
    }),
  );
});

it('takes any words or refuses them with an AlfError', () => {
  const word = fc.oneof(text, fc.stringMatching(/^--?(no-)?(port|set|lock|v|q|x)=?[a-z]?$/));
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      try {
        const { own, rest } = cutWords(argv);
        expect(own.every((word) => word.startsWith('--'))).toBe(true);
        expect(rest).toBeLessThanOrEqual(argv.length);
      } catch (error) {
        expect(error).toMatchObject({ name: 'AlfError', code: 'ALF_USAGE' });
      }
    }),
    { numRuns: 2000 },
  );
});

it('entries and the target are handed on unchanged', () => {
  const part = fc.string({ minLength: 1 }).filter((word) => !word.includes(','));
  const entry = fc.record({ map: fc.stringMatching(/^[a-z]\w*$/), key: part, value: part });
  fc.assert(
    fc.property(fc.array(entry), fc.array(text), (entries, target) => {
      const options = entries.flatMap(({ map, key, value }) => ['--set', `${map},${key},${value}`]);
      const command = parseCommandLine([...options, 'filter', 'program', ...target]);
      expect(command).toMatchObject({ config: { entries, target: ['program', ...target] } });
    }),
  );
});
