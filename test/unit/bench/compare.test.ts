import { expect, it } from 'vitest';
import { compareResults } from '../../../bench/report/compare.js';
import type { Cell, Result } from '../../../bench/report/result.js';

const cell = (low: number, median: number, high: number): Cell => ({
  cost: { low: 1, median: 1, high: 1 },
  ratio: { low, median, high },
});

/** A result with one filter, and the row it is compared to. */
function result(filtered: Cell | null): Result {
  const rows = [
    { name: 'no filter', cells: [cell(1, 1, 1)] },
    { name: 'a filter', cells: [filtered] },
  ];
  const columns = [{ name: 'packet', unit: 'ns', digits: 0 }];
  const table = {
    id: 'traffic',
    title: '',
    columns,
    reference: 'no filter',
    ratios: 'percent' as const,
    rows,
  };
  const machine = { kernel: '', processor: '', processors: 2, node: '' };
  return { bench: 'traffic', short: false, machine, disturbances: [], tables: [table] };
}

it.each([
  ['the same', cell(1.01, 1.02, 1.03), []],
  ['spreads that overlap', cell(0.99, 1, 1.01), []],
  ['a spread around the other', cell(0.9, 1.2, 1.3), []],
  [
    'another',
    cell(1.04, 1.05, 1.06),
    ['traffic, a filter, packet: +2.0 % (1.0 to 3.0), then +5.0 % (4.0 to 6.0)'],
  ],
])('%s', (_, second, differing) => {
  expect(compareResults([result(cell(1.01, 1.02, 1.03))], [result(second)])).toEqual({
    ratios: 1,
    differing,
  });
});

it('compares what both runs have', () => {
  expect(compareResults([result(cell(1, 1, 1))], [result(null)])).toEqual({ ratios: 0, differing: [] });
  expect(compareResults([result(cell(1, 1, 1))], [])).toEqual({ ratios: 0, differing: [] });
});
