import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installed, run } from '../support/run.js';

describe('the entry script', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'alf-entry-'));
    put('dist/alfwrapper.cjs', '');
    put('dist/node-flags', '--flag\n');
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

  /** A node that says who it is and what it was given; built before the rest, or behind it. */
  function putNode(directory: string, seconds = -60): void {
    const node = put(`${directory}/node`, `#!/bin/sh\nprintf '${directory}:'\nprintf ' %s' "$@"\n`, 0o755);
    const at = Date.now() / 1000 + seconds;
    utimesSync(node, at, at);
  }

  const start = (path: readonly string[]) =>
    run([join(root, 'alfwrapper'), 'a b', '*'], {
      env: { PATH: path.map((directory) => (directory === '' ? '' : join(root, directory))).join(':') },
      cwd: root,
    });

  it('becomes the first node in PATH, with the flags that the build has tried', async () => {
    putNode('[12]');
    putNode('2');
    mkdirSync(join(root, 'directory/node'), { recursive: true });
    put('file/node', 'not executable');
    const { status, stdout } = await start(['absent', 'directory', 'file', '[12]', '2']);
    expect([status, stdout]).toEqual([0, `[12]: --flag ${root}/dist/alfwrapper.cjs a b *`]);
  });

  it('keeps flags from a node that is newer than the build, and finds one in the working directory', async () => {
    putNode('.', 60);
    const { status, stdout } = await start(['absent', '']);
    expect([status, stdout]).toEqual([0, `.: ${root}/dist/alfwrapper.cjs a b *`]);
  });

  it('says so when there is no node', async () => {
    expect(await start(['absent'])).toMatchObject({
      status: 125,
      stdout: '',
      stderr: 'alfwrapper: unable to find node in PATH\n  hint: install Node.js 20.20 or later\n',
    });
  });
});
