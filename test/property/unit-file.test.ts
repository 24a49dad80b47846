import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  formatExecCommand,
  formatUnitFile,
  formatWord,
  parseExecLine,
  parseUnitFile,
  parseWords,
} from '../../src/unit/index.js';

const word = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\0', ''));

const key = fc.stringMatching(/^[A-Z][A-Za-z]{0,8}$/);

/** What stays the same in a value: no blanks around it, one line, not continued. */
const value = fc
  .string({ unit: 'grapheme-ascii', maxLength: 20 })
  .map((text) => text.trim())
  .filter((text) => !/[\n\r]/.test(text) && !text.endsWith('\\'));

const sections = fc.array(
  fc.record({
    name: key,
    entries: fc.array(fc.record({ key, value, line: fc.constant(0) }), { maxLength: 4 }),
  }),
  { maxLength: 4 },
);

/** What systemd makes of specifiers and variables: none of them is left. */
const expanded = (text: string, expands: boolean) => {
  const percent = text.replaceAll('%%', '%');
  return expands ? percent.replaceAll('$$', '$') : percent;
};

it('a unit file is what it was after it has been formatted and parsed', () => {
  fc.assert(
    fc.property(sections, (made) => {
      const parsed = parseUnitFile(formatUnitFile({ sections: made }), '').sections;
      expect(
        parsed.map(({ name, entries }) => ({
          name,
          entries: entries.map((entry) => ({ ...entry, line: 0 })),
        })),
      ).toEqual(made);
    }),
  );
});

it('words are what they were after they have been formatted and parsed', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.boolean(), (words, expands) => {
      const line = words.map((text) => formatWord(text, expands)).join(' ');
      expect(parseWords(line).map((parsed) => expanded(parsed.value, expands))).toEqual(words);
    }),
  );
});

it('a command keeps its words and its prefixes behind those of the wrapper', () => {
  const prefixes = fc.constantFrom('', '-', '+', '!', '!!', '-:', ':', '|');
  const program = fc.stringMatching(/^\/[a-z $%é"]{1,10}[a-z]$/);
  fc.assert(
    fc.property(prefixes, program, fc.array(word, { maxLength: 4 }), (prefix, path, args) => {
      const expands = !prefix.includes(':');
      const rest = args.map((text) => formatWord(text, expands));
      // systemd does not expand variables in the path of a program.
      const line = [`${prefix}${formatWord(path, false)}`, ...rest].join(' ');
      const written = line.startsWith(`${prefix}"`) ? `"${prefix}${line.slice(prefix.length + 1)}` : line;
      for (const source of [line, written]) {
        const [command] = parseExecLine(source);
        if (command === undefined) throw new Error('no command');
        const words = parseWords(formatExecCommand(command, ['/w', '--']));
        expect(words.map((parsed) => expanded(parsed.value, expands))).toEqual([
          `${prefix}/w`,
          '--',
          path,
          ...args,
        ]);
        expect(command.prefixes).toBe(prefix);
      }
    }),
  );
});
