import { expect, it } from 'vitest';
import { printable, quote, quoteWhole } from '../../../src/errors/index.js';

it.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['[::1]:80', '[::1]:80'],
  ['a@b%c+d=e', 'a@b%c+d=e'],
  ['', '""'],
  ['a b', '"a b"'],
  [' a', '" a"'],
  ['a\n', String.raw`"a\n"`],
  ['a"b', String.raw`"a\"b"`],
  ["it's", `"it's"`],
  ['ä', '"ä"'],
  ['a\u007f\u009b2J', String.raw`"a\u007f\u009b2J"`],
  ['a\u202eb\u200b', String.raw`"a\u202eb\u200b"`],
  ['\u{e0041}', String.raw`"\udb40\udc41"`],
  ['$(x)', '"$(x)"'],
])('quote(%j) is %s', (word, expected) => {
  expect(quote(word)).toBe(expected);
});

it.each([
  ['a'.repeat(80), 'a'.repeat(80)],
  ['a'.repeat(81), `${'a'.repeat(79)}…`],
  [`\u001b${'a'.repeat(1e6)}`, `"\\u001b${'a'.repeat(78)}…"`],
  ['\u{1f600}'.repeat(80), `"${'\u{1f600}'.repeat(80)}"`],
  ['\u{1f600}'.repeat(81), `"${'\u{1f600}'.repeat(79)}…"`],
])('quote cuts words of more than 80 characters: %#', (word, expected) => {
  expect(quote(word)).toBe(expected);
  expect(quoteWhole(word).length).toBeGreaterThanOrEqual(word.length);
});

it('printable does not change the value of a JSON document', () => {
  const document = { text: Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join('') };
  const shown = printable(JSON.stringify(document, undefined, 2));
  expect(JSON.parse(shown)).toEqual(document);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
});
