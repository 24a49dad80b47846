import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeCpio } from '../../kernels/lab/cpio.js';
import { describeWith } from '../../support/requires.js';

describeWith(['busybox'], 'an archive for a guest', () => {
  it('has files, links and directories as they were asked for', () => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-cpio-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const source = join(directory, 'source');
    writeFileSync(source, 'copied', { mode: 0o755 });
    utimesSync(source, 1_000_000, 1_000_000);
    const archive = makeCpio([
      { path: '/tmp', directory: true, mode: 0o1777 },
      { path: '/a/b/written', data: 'odd' },
      { path: '/a/copied', from: source },
      { path: '/a/link', target: 'copied' },
    ]);
    execFileSync('busybox', ['cpio', '-idm'], {
      cwd: directory,
      input: archive,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    expect(readFileSync(join(directory, 'a/b/written'), 'utf8')).toBe('odd');
    expect(readlinkSync(join(directory, 'a/link'))).toBe('copied');
    expect(statSync(join(directory, 'tmp')).mode & 0o7777).toBe(0o1777);
    const { mode, mtimeMs } = statSync(join(directory, 'a/copied'));
    expect([mode & 0o777, mtimeMs]).toEqual([0o755, 1_000_000_000]);
  });
});
