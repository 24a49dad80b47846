import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HEAD, LACKS_HEAD, ROW, renderDocument } from '../../kernels/document.js';
import { LACKS } from '../../kernels/expectations.js';
import { KERNELS } from '../../kernels/lab/names.js';

const DOC = readFileSync('docs/kernels.md', 'utf8');
const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('|'));
/** The two tables: kernels, and what is missing. */
const tables = (text: string) => {
  const start = lines(text).indexOf(LACKS_HEAD);
  return [lines(text).slice(0, start), lines(text).slice(start)] as const;
};

it('docs/kernels.md is a page that a run has written', () => {
  const [[head, , ...rows], [, , ...lacks]] = tables(DOC);
  expect(head).toBe(HEAD);
  expect(rows).toHaveLength(KERNELS.length);
  for (const row of rows) expect(row).toMatch(ROW);
  const found = LACKS.map(
    ({ missing, kernels, because, since }) =>
      `| ${missing} | ${kernels.join(', ')} | ${because} | ${since} |`,
  );
  expect(lacks).toEqual(found);
  const words = (text: string) => text.split('\n').filter((line) => !line.startsWith('|'));
  expect(words(DOC)).toEqual(words(renderDocument([])));
});

it('a page has what a guest has answered', () => {
  const kernel = {
    name: '6.12',
    version: '1',
    release: '6.12.1+deb13-cloud-amd64',
    image: '',
    modules: '',
  } as const;
  const ok = (name: string, detail: string) => ({ name, detail, outcome: 'ok' }) as const;
  const results = [
    ok('ebpf, root', ''),
    ok('doctor names what auto takes, nobody', 'steer on TCP, classic on UDP'),
    ok(
      'objects of clang-14, root',
      'policy 4000 insns 30.0 ms; policy filter_in_place 4100 insns 31.4 ms; subnets 78 insns 3.0 ms; smallest program 2.0 ms',
    ),
    ok('prefixes that fit on steer', '3300 prefixes'),
  ];
  const [[, , row]] = tables(renderDocument([{ kernel, results, console: [] }]));
  expect(row).toBe('| 6.12.1+deb13-cloud-amd64 | yes | no | no | steer, classic | no | no | 3300 | 31 |');
  expect(row).toMatch(ROW);
});

it('a page lists a lack with the kernels that refused it', () => {
  const answer = (name: '5.10' | '6.1', outcome: 'ok' | 'NO') => ({
    kernel: { name, version: '1', release: `${name}.1-cloud-amd64`, image: '', modules: '' },
    results: [{ name: 'packets are read in place', outcome, detail: '' }],
    console: [],
  });
  const [, [, , ...rows]] = tables(renderDocument([answer('5.10', 'NO'), answer('6.1', 'ok')]));
  expect(rows).toEqual([
    '| packets are read in place | 5.10 | the kernel functions for it are missing | Linux 6.2 |',
  ]);
});
