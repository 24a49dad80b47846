import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HEAD, ROW, renderDocument } from '../../kernels/document.js';
import { KERNELS } from '../../kernels/lab/names.js';

const DOC = readFileSync('docs/kernels.md', 'utf8');
const table = (text: string) => text.split('\n').filter((line) => line.startsWith('|'));

it('docs/kernels.md is a page that a run has written', () => {
  const [head, , ...rows] = table(DOC);
  expect(head).toBe(HEAD);
  expect(rows).toHaveLength(KERNELS.length);
  for (const row of rows) expect(row).toMatch(ROW);
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
      'policy 4000 insns 30.0 ms; subnets 78 insns 3.0 ms; smallest program 2.0 ms',
    ),
    ok('prefixes that fit on steer', '3300 prefixes'),
  ];
  const [, , row] = table(renderDocument([{ kernel, results, console: [] }]));
  expect(row).toBe('| 6.12.1+deb13-cloud-amd64 | yes | no | no | steer, classic | no | no | 3300 | 15 |');
  expect(row).toMatch(ROW);
});
