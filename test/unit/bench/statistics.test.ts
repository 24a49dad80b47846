import { expect, it } from 'vitest';
import { spread } from '../../../bench/support/statistics.js';

/** Numbers from `first` on. */
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

it.each([
  ['one value', [7], 1, { low: 7, median: 7, high: 7 }],
  ['the extremes of a few', from(0, 15).reverse(), 1, { low: 0, median: 7, high: 14 }],
  ['the quartiles of many', from(0, 16), 1, { low: 4, median: 8, high: 12 }],
  [
    'quartiles wider than the medians of launches',
    [...from(0, 20), ...from(0, 20)],
    2,
    { low: 5, median: 10, high: 15 },
  ],
  [
    'medians of launches that lie apart',
    [...from(0, 20), ...from(50, 20), ...from(60, 20)],
    3,
    { low: 10, median: 60, high: 70 },
  ],
])('the spread is %s', (_, values, launches, expected) => {
  expect(spread(values, launches)).toEqual(expected);
});
