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
    ['a line break in a message', format('a\nb\r\nc'), 'alfwrapper: a b c\n'],
    ['an escape sequence', format('a\u001b[31mb'), 'alfwrapper: a [31mb\n'],
    ['a line break in a hint', format('a', { hint: 'b\nc' }), 'alfwrapper: a\n  hint: b c\n'],
    ['a detail that nobody asked for', format('a', { detail: 'log' }), 'alfwrapper: a\n'],
    ['a detail on request', format('a', { detail: 'l 1\nl 2\n\n' }, true), 'alfwrapper: a\nl 1\nl 2\n'],
    ['no detail on request', format('a', {}, true), 'alfwrapper: a\n'],
    ['an empty detail', format('a', { detail: '' }, true), 'alfwrapper: a\n'],
  ])('lays out %s', (_, text, expected) => {
    expect(text).toBe(expected);
  });
});
