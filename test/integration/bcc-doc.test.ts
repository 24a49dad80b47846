import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { fencedBlocks } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';

const DOC = 'docs/bcc.md';

/** Each program with what it prints. */
const EXAMPLES = [...readFileSync(DOC, 'utf8').matchAll(/^```js\n(.*?)^```\n\n```text\n(.*?)^```$/gms)].map(
  ([, program = '', output = '']) => ({ program, output }),
);

/** A program of somebody's own, which has the package among its dependencies. */
const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-bcc-doc-'));
afterAll(() => rmSync(directory, { recursive: true }));
mkdirSync(join(directory, 'node_modules'));
const [gate = '', header = ''] = fencedBlocks(DOC, 'c');
writeFileSync(join(directory, 'gate.c'), gate);
writeFileSync(join(directory, 'gate.h'), header);

describeWith(['root', 'bpf', 'bcc', 'netns'], DOC, () => {
  const { server } = makeNetwork();
  symlinkSync(installed(''), join(directory, 'node_modules', 'alfwrapper'));

  it('has no program without its output', () => {
    expect(fencedBlocks(DOC, 'js')).toEqual(EXAMPLES.map(({ program }) => program));
  });

  it.each(EXAMPLES)('prints what it says: $program', async ({ program, output }) => {
    const file = join(directory, 'example.mjs');
    writeFileSync(file, program);
    const { status, stdout, stderr } = await run([...server, process.execPath, file], { cwd: directory });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(output);
  });

  it('has types for those who write TypeScript', async () => {
    const file = join(directory, 'typed.mts');
    writeFileSync(
      file,
      `import { type BccModule, compile, type Table } from 'alfwrapper/bcc';
       const module: BccModule = compile({ file: 'gate.c', flags: ['-DX=1'] });
       const table: Table = module.table('allow4');
       const found: Uint8Array | undefined = table.lookup('0');
       // @ts-expect-error: a value is text or bytes
       table.update('0', 5);
       module.load('filter').attach(found?.length ?? 3);`,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const tsc = join(process.cwd(), 'node_modules/.bin/tsc');
    const roots = ['--typeRoots', join(process.cwd(), 'node_modules/@types')];
    const { status, stdout } = await run([tsc, ...options, ...roots, file], { cwd: directory });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
