import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeDocuments } from '../../../bench/report/documents.js';
import { KEPT, readResults } from '../../../bench/report/store.js';

const RESULTS = readResults(KEPT);

it.each(Object.entries(makeDocuments(RESULTS)))('%s is what the kept results make of it', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(text).not.toMatch(/\{\{|NaN|undefined|Infinity/);
});

it('is made of measurements, not of runs that only showed that they run', () => {
  expect(RESULTS.filter(({ short }) => short)).toEqual([]);
});

it('does not leave out in silence what was not measured', () => {
  const without = RESULTS.filter(({ bench }) => bench !== 'load');
  expect(() => makeDocuments(without)).toThrow('no table load-time among the results');
});
