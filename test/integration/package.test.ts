import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { run } from '../support/run.js';

describe('the package that npm makes', () => {
  let directory = '';
  let root = '';

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'alfwrapper-package-'));
    const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory];
    const name = execFileSync('npm', pack, { encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xf', join(directory, name), '-C', directory]);
    root = join(directory, 'package');
  }, 300_000);

  afterAll(() => rmSync(directory, { recursive: true }));

  it('has the entry, because npm links the programs of a package before it builds them', () => {
    expect(manifest.bin).toEqual({ alfwrapper: 'alfwrapper' });
    expect(existsSync(join(root, 'alfwrapper'))).toBe(true);
  });

  it('has nothing that belongs to the node of this machine', () => {
    const files = execFileSync('find', [
      root,
      '-name',
      '*.cache',
      '-o',
      '-name',
      'node-flags',
      '-o',
      '-name',
      '*.node',
    ]);
    expect(String(files)).toBe('');
  });

  it('builds an entry that works through the link that npm makes', { timeout: 300_000 }, async () => {
    rmSync(join(root, 'alfwrapper'));
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
    execFileSync('cmake', ['-G', 'Ninja', '-S', root, '-B', join(root, 'build/cmake')]);
    execFileSync('cmake', ['--build', join(root, 'build/cmake'), '--target', 'alf-entry']);
    const bin = join(directory, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync('../../package/alfwrapper', join(bin, 'alfwrapper'));
    expect(await run([join(bin, 'alfwrapper'), '--version'])).toMatchObject({
      status: 0,
      stdout: `alfwrapper ${manifest.version}\n`,
      stderr: '',
    });
  });
});
