import { describe, expect, it } from 'vitest';
import { AlfError, type AlfErrorOptions, formatError } from '../../../src/errors/index.js';

const format = (message: string, options?: AlfErrorOptions, detail?: boolean) =>
  formatError(new AlfError('ALF_SOCKET', message, options), detail);

describe('formatError', () => {
  it.each<[name: string, text: string, expected: string]>([
    ['a message alone', format('unable to bind'), 'alfwrapper: unable to bind\n'],
    ['an errno', format('no', { errno: 'EACCES' }), 'alfwrapper: no (EACCES)\n'],
    ['a hint', format('no', { hint: 'ask again' }), 'alfwrapper: no\n  hint: ask again\n'],
    ['both', format('no', { hint: 'h', errno: 'EIO' }), 'alfwrapper: no (EIO)\n  hint: h\n'],
    ['a line break in a message', format('a\nb\r\nc'), 'alfwrapper: a\\u000ab\\u000d\\u000ac\n'],
    ['an escape sequence', format('a\u001b[31mb'), 'alfwrapper: a\\u001b[31mb\n'],
    ['what else a terminal obeys', format('\u009b2J\u202e\u2028'), 'alfwrapper: \\u009b2J\\u202e\\u2028\n'],
    ['what a script needs', format('a\u200cb\u00e9'), 'alfwrapper: a\u200cb\u00e9\n'],
    ['too much', format('x'.repeat(5000)), `alfwrapper: ${'x'.repeat(2000)}…\n`],
    ['a line break in a hint', format('a', { hint: 'b\nc' }), 'alfwrapper: a\n  hint: b\\u000ac\n'],
    ['an error without its detail', format('a', { detail: 'log' }), 'alfwrapper: a\n'],
    ['a detail on request', format('a', { detail: 'l 1\nl 2\n\n' }, true), 'alfwrapper: a\nl 1\nl 2\n'],
    [
      'an escape sequence in a detail',
      format('a', { detail: 'l\u001b\n\tm' }, true),
      'alfwrapper: a\nl\\u001b\n\tm\n',
    ],
    ['no detail on request', format('a', {}, true), 'alfwrapper: a\n'],
    ['an empty detail', format('a', { detail: '' }, true), 'alfwrapper: a\n'],
  ])('lays out %s', (_, text, expected) => {
    expect(text).toBe(expected);
  });
});
