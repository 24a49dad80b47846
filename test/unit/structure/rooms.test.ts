import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/objects.js';
import { filesBelow } from './files.js';
import { circles, ROOMS, roomOf, violations } from './rooms.js';

const files = filesBelow('src').filter(({ path }) => path.endsWith('.ts'));

describe('every file of src keeps to the rules for rooms', () => {
  it.each(files.map((file) => [file.path, file] as const))('%s', (_, file) => {
    expect(violations(file)).toEqual([]);
  });

  it('and there are some, each in a room that has an index', () => {
    const rooms = new Set(files.map(({ path }) => roomOf(path)));
    expect(rooms.size).toBeGreaterThan(10);
    for (const room of rooms) expect(files.map(({ path }) => path)).toContain(`src/${room}/index.ts`);
  });
});

describe('the rules are enforced', () => {
  it.each([
    ['src/net/x.ts', "import { a } from '../plan/index.js'; a();", ['imports upward: plan']],
    ['src/net/x.ts', "import type { A } from '../plan/index.js';", ['imports upward: plan']],
    ['src/net/x.ts', "export { a } from '../cli/index.js';", ['imports upward: cli']],
    ['src/net/x.ts', "export const a = () => import('../cli/index.js');", ['imports upward: cli']],
    ['src/net/x.ts', "import {\n  a,\n} from '../plan/index.js';\na();", ['imports upward: plan']],
    [
      'src/plan/x.ts',
      "import { a } from '../net/port.js';",
      ['imports src/net/port.js, not the index of net'],
    ],
    ['src/plan/x.ts', "import { a } from '../kernel/index.js';", ['imports upward: kernel']],
    ['src/kernel/x.ts', "import { a } from './probe/index.js';", ['imports upward: kernel/probe']],
    [
      'src/kernel/probe/x.ts',
      "import { a } from '../check.js';",
      ['imports src/kernel/check.js, not the index of kernel'],
    ],
    [
      'src/exec/x.ts',
      "import { a } from '../kernel/probe/tiers.js';",
      ['imports src/kernel/probe/tiers.js, not the index of kernel/probe'],
    ],
    ['src/kernel/probe/x.ts', "import './y.node';", ['loads an addon']],
    ['src/activation/x.ts', "import { a } from '../exec/index.js';", ['imports upward: exec']],
    ['src/activation/x.ts', "import { a } from '../nowhere/index.js';", ['imports upward: nowhere']],
    ['src/activation/x.ts', "import { a } from '../../test/x.js';", ['imports test/x.js, outside src']],
    ['src/net/x.ts', "import 'node:fs';", ['is pure but imports node:fs']],
    ['src/exec/x.ts', "import process from 'node:process';", ['imports node:process']],
    ['src/exec/x.ts', 'export const a = process.pid;', ['uses process']],
    ['src/exec/x.ts', 'export const a = globalThis.process;', ['uses globalThis']],
    ['src/exec/x.ts', "console.log('a');", ['uses console']],
    ['src/bpf/object/x.ts', 'export const a = Buffer.alloc(1);', ['uses Buffer']],
    ['src/bpf/object/x.ts', 'export const a = Date.now();', ['uses Date']],
    ['src/exec/x.ts', "import { createRequire } from 'node:module'; createRequire('');", ['loads an addon']],
    ['src/exec/x.ts', "export const a = './alf.node';", ['loads an addon']],
    [
      'src/launch/x.ts',
      "import { loadOps } from '../kernel/index.js'; loadOps('');",
      ['makes its own operations'],
    ],
    ['src/bpf/values/x.ts', "import { a } from '../object/index.js';", ['imports upward: bpf/object']],
    ['src/utils/x.ts', '', ['utils is no room']],
    ['src/bpf/x.ts', '', ['bpf is no room']],
  ])('%s: %s', (path, text, expected) => {
    expect(violations({ path, text })).toEqual(expected);
  });

  it.each([
    ['src/plan/x.ts', "import { a } from '../net/index.js'; import b from './y.js'; a(b);"],
    ['src/kernel/probe/x.ts', "import { a } from '../index.js'; a();"],
    ['src/exec/x.ts', "import { a } from '../kernel/probe/index.js'; a();"],
    [
      'src/cli/x.ts',
      "import m from '../../package.json' with { type: 'json' }; export const p = [process.pid, m];",
    ],
    ['src/net/x.ts', '/** In this process, since the Date of Buffer. */ export const a = "process.env";'],
    ['src/net/x.ts', 'export const a = (process: number, x: { Date: number }) => process + x.Date;'],
    [
      'src/exec/x.ts',
      "import { readFileSync } from 'node:fs'; export const a = Buffer.from(readFileSync('/'));",
    ],
  ])('but not more: %s: %s', (path, text) => {
    expect(violations({ path, text })).toEqual([]);
  });

  it('on the rooms that docs/architecture.md lists, which are those there are', () => {
    expect(ROOMS.length).toBeGreaterThan(10);
    expect([...ROOMS].sort()).toEqual([...new Set(files.map(({ path }) => roomOf(path)))].sort());
  });
});

it('docs/architecture.md names each folder of src', () => {
  const folders = new Set(files.map(({ path }) => path.split('/').slice(1, -1).join('/')));
  const text = readFileSync(`${ROOT}docs/architecture.md`, 'utf8');
  expect([...folders].filter((folder) => !text.includes(`\`${folder}\``))).toEqual([]);
});

describe('no file imports itself by way of others', () => {
  it('in src', () => {
    expect(circles(files)).toEqual([]);
  });

  it.each([
    [{ a: "import { b } from './b.js';", b: "import type { A } from './a.js';" }, [['src/a.ts', 'src/b.ts']]],
    [
      { a: "export * from './b.js';", b: "import './c.js';", c: "await import('./b.js');" },
      [['src/b.ts', 'src/c.ts']],
    ],
    [{ a: "import './b.js'; import './c.js';", b: "import './c.js';", c: '' }, []],
  ])('which is checked: %j', (texts, expected) => {
    const tree = Object.entries(texts).map(([name, text]) => ({ path: `src/${name}.ts`, text }));
    expect(circles(tree)).toEqual(expected);
  });
});
