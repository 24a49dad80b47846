import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUnixPath, encodeUnixSockaddr } from '../../../src/net/index.js';

const bytes = (text: string) => [...Buffer.from(text)];

describe('encodeUnixSockaddr', () => {
  it.each([
    ['/a', true, [1, 0, ...bytes('/a'), 0]],
    ['/a', false, [0, 1, ...bytes('/a'), 0]],
    ['@a', true, [1, 0, 0, ...bytes('a')]],
    ['/ü', true, [1, 0, ...bytes('/ü'), 0]],
  ])('%s, little-endian %s', (path, littleEndian, expected) => {
    expect([...encodeUnixSockaddr(path, 1, littleEndian)]).toEqual(expected);
  });

  it('is the inverse of decodeUnixPath', () => {
    const path = fc
      .tuple(fc.constantFrom('/', '@'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }))
      .map(([first, rest]) => first + rest.replaceAll('\0', '_'));
    fc.assert(
      fc.property(path, (text) => {
        expect(decodeUnixPath(encodeUnixSockaddr(text, 1))).toBe(text);
      }),
    );
  });
});

describe('decodeUnixPath', () => {
  it.each([
    [[1, 0], ''],
    [[1, 0, ...bytes('/a')], '/a'],
    [[1, 0, ...bytes('/a'), 0, 0, 0], '/a'],
    [[1, 0, 0], '@'],
  ])('%j is %j', (sockaddr, expected) => {
    expect(decodeUnixPath(new Uint8Array(sockaddr))).toBe(expected);
  });
});
