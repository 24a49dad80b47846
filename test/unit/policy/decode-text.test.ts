import { describe, expect, it } from 'vitest';
import { decodePolicyText } from '../../../src/policy/index.js';
import { failureOf } from '../support/failure.js';

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('the text of a file of rules', () => {
  it('is UTF-8, with or without a byte order mark', () => {
    const text = '\ufeffallow any # ä€😀\n';
    expect(decodePolicyText(Buffer.from(text), 'f')).toBe(text);
    expect(decodePolicyText(Buffer.from(text.slice(1)), 'f')).toBe(text.slice(1));
  });

  it.each([
    ['UTF-16', utf16('allow any\n'), 1, 'UTF-16'],
    ['UTF-16, big endian', utf16('allow any\n').swap16(), 1, 'UTF-16'],
    ['ISO 8859-1', Buffer.from('allow any\n# b\u00fcro\n', 'latin1'), 2, 'ISO-8859-1'],
    ['cut within a character', Buffer.from('allow any\n\n# €').subarray(0, -1), 3, 'ISO-8859-1'],
  ])('is refused in another encoding: %s', (_, bytes, line, from) => {
    expect(failureOf(() => decodePolicyText(bytes, 'f'))).toEqual({
      code: 'ALF_RULE',
      message: `f:${line}:1: the line is not UTF-8`,
      hint: `convert the file: iconv -f ${from} -t UTF-8`,
    });
  });
});
