import { expect, it } from 'vitest';
import { filesBelow } from './files.js';

const MOST = 400;
const MEDIAN = 100;

/** Data and what a program wrote may be long. */
const EXCEPTED = /(^|\/)(generated|results|tables)\/|package-lock\.json$/;

const linesOf = (text: string) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

function sizes(directory: string): [path: string, lines: number][] {
  const files = filesBelow(directory).filter(({ path }) => !EXCEPTED.test(path));
  return files.map(({ path, text }) => [path, linesOf(text)]);
}

it.each(['src', 'native', 'ebpf', 'scripts', 'test', 'bench'])(
  `no file of %s has more than ${MOST} lines`,
  (directory) => {
    expect(sizes(directory).filter(([, lines]) => lines > MOST)).toEqual([]);
  },
);

it(`half of the files of src have ${MEDIAN} lines or fewer`, () => {
  const lines = sizes('src')
    .map(([, lines]) => lines)
    .sort((a, b) => a - b);
  expect(lines.length).toBeGreaterThan(20);
  expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(MEDIAN);
});

it('lines are counted with and without an end', () => {
  expect(['', 'a', 'a\n', 'a\nb', 'a\nb\n'].map(linesOf)).toEqual([1, 1, 1, 2, 2]);
});
