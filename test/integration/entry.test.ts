import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

describe('the entry script', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'alf-entry-'));
    chmodSync(root, 0o755);
    put('dist/alfwrapper.cjs', '');
    copyFileSync(installed('alfwrapper'), join(root, 'alfwrapper'));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  function put(path: string, text: string, mode = 0o644): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  /** A node that says which one it is and what it was given. */
  const putNode = (directory: string, mode = 0o755) =>
    put(`${directory}/node`, `#!/bin/sh\nprintf '${directory}:'\nprintf ' %s' "$@"\n`, mode);

  /** Records that the build has tried a flag on a node. */
  const buildWith = (node: string) => put('dist/node-flags', `${statSync(node).ino} --flag\n`);

  const start = (path: readonly string[]) =>
    run([join(root, 'alfwrapper'), 'a b', '*'], {
      env: { PATH: path.map((directory) => (directory === '' ? '' : join(root, directory))).join(':') },
      cwd: root,
    });

  it('becomes the first node in PATH, with the flags that the build has tried on it', async () => {
    buildWith(putNode('[12]'));
    putNode('2');
    mkdirSync(join(root, 'directory/node'), { recursive: true });
    put('file/node', 'not executable');
    const { status, stdout } = await start(['absent', 'directory', 'file', '[12]', '2']);
    expect([status, stdout]).toEqual([0, `[12]: --flag ${root}/dist/alfwrapper.cjs a b *`]);
  });

  it('keeps flags from another node than that of the build, whichever is older, and finds one in the working directory', async () => {
    buildWith(putNode('other'));
    for (const seconds of [-60, 60]) {
      const at = Date.now() / 1000 + seconds;
      utimesSync(putNode('.'), at, at);
      const { status, stdout, stderr } = await start(['absent', '']);
      expect([status, stdout, stderr]).toEqual([0, `.: ${root}/dist/alfwrapper.cjs a b *`, '']);
    }
  });

  it('passes them on when node and build were copied without their times', async () => {
    const node = putNode('bin');
    utimesSync(buildWith(node), 1, 1);
    expect((await start(['bin'])).stdout).toBe(`bin: --flag ${root}/dist/alfwrapper.cjs a b *`);
  });

  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['has no inode', '\n'],
  ])('starts without flags when the record of the build %s', async (_, text) => {
    putNode('bin');
    if (text !== undefined) put('dist/node-flags', text);
    const { status, stdout, stderr } = await start(['bin']);
    expect([status, stdout, stderr]).toEqual([0, `bin: ${root}/dist/alfwrapper.cjs a b *`, '']);
  });

  it('starts a node that it may not read', async () => {
    copyFileSync('/bin/true', put('bin/node', '', 0o711));
    const path = `${join(root, 'bin')}:${process.env['PATH']}`;
    const { status, stderr } = await run([...AS_NOBODY, join(root, 'alfwrapper')], { env: { PATH: path } });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('says so when there is no node', async () => {
    expect(await start(['absent'])).toMatchObject({
      status: 125,
      stdout: '',
      stderr: 'alfwrapper: unable to find node in PATH\n  hint: install Node.js 18.19 or later\n',
    });
  });
});
