import { expect, it } from 'vitest';
import { quote } from '../../../src/errors/index.js';

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
