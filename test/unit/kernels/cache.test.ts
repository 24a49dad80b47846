import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheDirectory, publish, withLock } from '../../kernels/lab/cache.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'alfwrapper-cache-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  vi.unstubAllEnvs();
});

describe('the cache', () => {
  it('is where ALF_KERNELS_DIR says, and its owner’s alone', () => {
    vi.stubEnv('ALF_KERNELS_DIR', join(directory, 'kernels'));
    expect(cacheDirectory()).toBe(join(directory, 'kernels'));
    expect(statSync(cacheDirectory()).mode & 0o777).toBe(0o700);
  });

  it('has a directory whole', () => {
    publish(join(directory, 'one'), (into) => writeFileSync(join(into, 'file'), ''));
    expect(readdirSync(join(directory, 'one'))).toEqual(['file']);
    expect(readdirSync(directory)).toEqual(['one']);
  });

  it('has nothing of a directory that could not be filled', () => {
    const fill = (into: string) => {
      writeFileSync(join(into, 'half'), '');
      throw new Error('no network');
    };
    expect(() => publish(join(directory, 'one'), fill)).toThrow('no network');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is changed by one run at a time', async () => {
    const order: string[] = [];
    const run = (name: string) =>
      withLock(directory, async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push(`${name} ends`);
      });
    await Promise.all([run('a'), run('b')]);
    const names = order.map((line) => line[0]);
    expect([names[0], names[2]]).toEqual([names[1], names[3]]);
    expect(names[0]).not.toBe(names[2]);
  });

  it('is unlocked by a run that fails', async () => {
    await expect(withLock(directory, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await withLock(directory, () => existsSync(join(directory, 'lock')))).toBe(true);
  });
});
