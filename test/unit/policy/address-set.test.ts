import { expect, test } from 'vitest';
import {
  AddressSetBuilder,
  type AddressWord,
  complementSet,
  countRanges,
  emptySet,
  intersectSets,
  isEmptySet,
  isFullSet,
  unionSets,
  wordSet,
} from '../../../src/policy/index.js';
import { formatSet } from '../../support/address-text.js';

const HIGHEST = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

test('the ends of both families', () => {
  expect(isFullSet(wordSet('any'))).toBe(true);
  expect(isEmptySet(complementSet(wordSet('any')))).toBe(true);
  expect(isFullSet(complementSet(emptySet))).toBe(true);
  expect(isEmptySet(unionSets([]))).toBe(true);
  expect(formatSet(complementSet(wordSet('multicast')))).toEqual([
    '0.0.0.0-223.255.255.255',
    '240.0.0.0-255.255.255.255',
    '::-feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]);
  expect(formatSet(complementSet(wordSet('localhost')))).toEqual([
    '0.0.0.0-126.255.255.255',
    '128.0.0.0-255.255.255.255',
    '::-::',
    `::2-${HIGHEST}`,
  ]);
});

test('intersection', () => {
  const both = intersectSets(
    wordSet('private'),
    unionSets(['localhost', 'cgnat'].map((w) => wordSet(w as AddressWord))),
  );
  expect(formatSet(both)).toEqual(['127.0.0.0-127.255.255.255', '::1-::1']);
  expect(countRanges(both)).toBe(2);
});

test('a builder joins overlapping and adjacent ranges, across word limits', () => {
  const builder = new AddressSetBuilder();
  const top = [...new Array(8).fill(0), ...new Array(8).fill(255)];
  builder.addBytes([10, 0, 1, 0], [10, 0, 1, 255]);
  builder.addBytes([10, 0, 0, 0], [10, 0, 0, 255]);
  builder.addBytes([10, 0, 0, 7], [10, 0, 0, 9]);
  builder.addBytes([10, 0, 2, 1], [10, 0, 2, 1]);
  builder.addBytes(
    [0, 0, 0, 0, 0, 0, 0, 1, ...new Array(8).fill(0)],
    [...new Array(7).fill(0), 1, ...new Array(8).fill(1)],
  );
  builder.addBytes(new Array(16).fill(0), top);
  expect(formatSet(builder.build())).toEqual([
    '10.0.0.0-10.0.1.255',
    '10.0.2.1-10.0.2.1',
    '::-::1:101:101:101:101',
  ]);
});
