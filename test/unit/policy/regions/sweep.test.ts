import { describe, expect, it } from 'vitest';
import { type Edges, edgesOfNumbers, everyKey, sweep, sweepSets } from '../../../../src/policy/index.js';

const ranges = (...pairs: readonly (readonly [number, number])[]): Edges =>
  edgesOfNumbers(pairs.map(([first, last]) => ({ first, last })));

/** `START: HOLDERS` for each region; every set of holders has a number of its own. */
function regions(sets: readonly Edges[]): string[] {
  const seen: string[] = [];
  const { starts, results, count } = sweepSets(sets, 1, (holders) => {
    const key = holders.join();
    return seen.includes(key) ? seen.indexOf(key) : seen.push(key) - 1;
  });
  expect([starts.length, results.length]).toEqual([count, count]);
  return [...results].map((result, i) => `${starts[i]}: ${seen[result]}`);
}

describe('sweepSets', () => {
  it.each([
    ['no sets', [], ['0: ']],
    ['an empty set', [ranges()], ['0: ']],
    ['every key', [everyKey(1)], ['0: 0']],
    ['a range', [ranges([5, 6])], ['0: ', '5: 0', '7: ']],
    ['sets that overlap', [ranges([1, 5]), ranges([3, 8])], ['0: ', '1: 0', '3: 0,1', '6: 1', '9: ']],
    ['a set inside another', [ranges([1, 9]), ranges([4, 4])], ['0: ', '1: 0', '4: 0,1', '5: 0', '10: ']],
    ['one that ends where another begins', [ranges([1, 2]), ranges([3, 4])], ['0: ', '1: 0', '3: 1', '5: ']],
    [
      'many that begin at once, in the order of their indexes',
      [ranges([2, 3]), ranges([2, 2]), everyKey(1), ranges([2, 4])],
      ['0: 2', '2: 0,1,2,3', '3: 0,2,3', '4: 2,3', '5: 2'],
    ],
  ])('%s', (_, sets, expected) => {
    expect(regions(sets)).toEqual(expected);
  });

  it('joins neighbours with equal results', () => {
    const { starts, results } = sweepSets([ranges([1, 2]), ranges([3, 4])], 1, ({ length }) => length);
    expect([[...starts], [...results]]).toEqual([
      [0, 1, 5],
      [0, 1, 0],
    ]);
  });

  it('cuts keys of four words', () => {
    const set: Edges = { width: 4, words: Uint32Array.of(0, 0, 0, 7, 0, 1, 0, 0) };
    const { starts, results, width } = sweepSets([set], 4, ({ length }) => length);
    expect({ starts: [...starts], results: [...results], width }).toEqual({
      starts: [0, 0, 0, 0, 0, 0, 0, 7, 0, 1, 0, 0],
      results: [0, 1, 0],
      width: 4,
    });
  });
});

describe('sweep', () => {
  it('begins at a key other than 0, and says of each set when it begins and ends', () => {
    const seen: string[] = [];
    const { starts } = sweep([ranges([10, 11]), ranges([12, 12])], Uint32Array.of(10), {
      toggle: (set) => seen.push(`toggle ${set}`),
      result: () => seen.push('result'),
    });
    expect([...starts]).toEqual([10, 12, 13]);
    expect(seen.join(', ')).toBe('toggle 0, result, toggle 0, toggle 1, result, toggle 1, result');
  });
});
