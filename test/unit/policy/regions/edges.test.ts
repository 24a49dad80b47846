import { describe, expect, it } from 'vitest';
import {
  edgesOf32,
  edgesOf128,
  edgesOfNumbers,
  edgesOfPoints,
  everyKey,
} from '../../../../src/policy/index.js';

const MAX = 0xffffffff;
const MAX_64 = 0xffffffffffffffffn;

describe('edges', () => {
  it('of 32-bit ranges: each first, and one after each last', () => {
    expect([...edgesOf32(Uint32Array.of(1, 3, 5, 5)).words]).toEqual([1, 4, 5, 6]);
  });

  it('leave out the end of a range up to the largest key', () => {
    expect([...edgesOf32(Uint32Array.of(0, 0, 7, MAX)).words]).toEqual([0, 1, 7]);
    expect([...edgesOf128(BigUint64Array.of(5n, 1n, MAX_64, MAX_64)).words]).toEqual([0, 5, 0, 1]);
  });

  it('of 128-bit ranges: words in order, the carry through all of them', () => {
    const edges = edgesOf128(BigUint64Array.of(0n, 1n, 0x1_ffff_ffffn, MAX_64));
    expect(edges).toEqual({ width: 4, words: Uint32Array.of(0, 0, 0, 1, 2, 0, 0, 0) });
  });

  it('do not change the set', () => {
    const set = Uint32Array.of(1, 3);
    edgesOf32(set);
    expect([...set]).toEqual([1, 3]);
  });

  it('of numbers in any order, joined where they overlap or touch', () => {
    const ranges = [
      { first: 9, last: 9 },
      { first: 1, last: 4 },
      { first: 3, last: 5 },
      { first: 6, last: 6 },
    ];
    expect([...edgesOfNumbers(ranges).words]).toEqual([1, 7, 9, 10]);
    expect([...edgesOfPoints([3, 1, 2, 8]).words]).toEqual([1, 4, 8, 9]);
  });

  it('of nothing are none', () => {
    expect(edgesOf32(new Uint32Array()).words).toHaveLength(0);
    expect(edgesOfNumbers([]).words).toHaveLength(0);
  });

  it('of everything are one', () => {
    expect(everyKey(4)).toEqual(edgesOf128(BigUint64Array.of(0n, 0n, MAX_64, MAX_64)));
    expect(everyKey(1)).toEqual(edgesOf32(Uint32Array.of(0, MAX)));
  });
});
