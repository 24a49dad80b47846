import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cache, cacheBase, NoCache } from '../../../src/filter/clang/cache.js';
import { makeDirectory } from '../support/directory.js';

const UID = process.getuid?.() ?? 0;
const BYTES = Uint8Array.of(1, 2, 3);

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof NoCache)) throw error;
    return error.message;
  }
  return 'none';
}

describe('the cache', () => {
  it('is a directory that nobody else can enter, made when it is first needed', () => {
    const base = join(makeDirectory(), 'cache');
    Cache.open(base, UID).close();
    expect(statSync(join(base, 'alfwrapper')).mode & 0o777).toBe(0o700);
  });

  it('gives back what was put in, and nothing else', () => {
    const cache = Cache.open(makeDirectory(), UID);
    expect(cache.read('a')).toBeUndefined();
    cache.write('a', [BYTES, BYTES], 1);
    cache.write('a', [BYTES, Uint8Array.of(4)], 2);
    expect(cache.read('a')).toEqual(Buffer.from([1, 2, 3, 4]));
    expect(cache.read('b')).toBeUndefined();
    cache.close();
  });

  it('leaves nothing but entries behind, a file of a writer that was killed included', () => {
    const base = makeDirectory({ 'alfwrapper/a.7.tmp': 'half' });
    chmodSync(join(base, 'alfwrapper'), 0o700);
    const cache = Cache.open(base, UID);
    cache.write('a', [BYTES], 7);
    expect(readdirSync(join(base, 'alfwrapper'))).toEqual(['a']);
    cache.close();
  });

  it('is bounded: what was used longest ago goes', () => {
    const base = makeDirectory();
    const cache = Cache.open(base, UID);
    for (let i = 0; i < 64; i++) {
      cache.write(`e${i}`, [BYTES], 1);
      utimesSync(join(base, 'alfwrapper', `e${i}`), 1000 + i, 1000 + i);
    }
    expect(cache.read('e0')).toBeDefined();
    cache.write('new', [BYTES], 1);
    expect(cache.read('e1')).toBeUndefined();
    for (const name of ['e0', 'e2', 'e63', 'new']) expect(cache.read(name)).toBeDefined();
    cache.write('large', [new Uint8Array(2 ** 25)], 1);
    expect(readdirSync(join(base, 'alfwrapper'))).toEqual(['large']);
    cache.close();
  });

  it.each<[string, (base: string) => void, string]>([
    [
      'a directory that others may enter',
      (base) => chmodSync(join(base, 'alfwrapper'), 0o750),
      'is open to other users (chmod 700 makes it usable)',
    ],
    [
      'a directory that others may write to',
      (base) => chmodSync(join(base, 'alfwrapper'), 0o777),
      'is open to other users (chmod 700 makes it usable)',
    ],
  ])('is refused: %s', (_, spoil, problem) => {
    const base = makeDirectory({ 'alfwrapper/a': 'x' });
    spoil(base);
    expect(problemOf(() => Cache.open(base, UID))).toBe(`${join(base, 'alfwrapper')} ${problem}`);
  });

  it("is refused: somebody else's directory, or one in somebody else's", () => {
    const base = makeDirectory({ 'alfwrapper/a': 'x' });
    chmodSync(join(base, 'alfwrapper'), 0o700);
    // What root owns may be on the way.
    const refused = UID === 0 ? `${base}/alfwrapper` : base;
    expect(problemOf(() => Cache.open(base, UID + 1))).toBe(`${refused} belongs to another user`);
    const other = makeDirectory();
    expect(problemOf(() => Cache.open(other, UID + 1))).toBe(`${other} belongs to another user`);
    expect(readdirSync(other)).toEqual([]);
  });

  it('is refused: a symbolic link, a file, a place that there is not', () => {
    const base = makeDirectory({ 'file/alfwrapper': '', 'real/x': '' });
    symlinkSync(join(base, 'real'), join(base, 'alfwrapper'));
    expect(problemOf(() => Cache.open(base, UID))).toBe(`${base}/alfwrapper is a symbolic link`);
    symlinkSync(join(base, 'real'), join(base, 'link'));
    expect(problemOf(() => Cache.open(join(base, 'link'), UID))).toBe(`${base}/link is a symbolic link`);
    expect(readdirSync(join(base, 'real'))).toEqual(['x']);
    expect(problemOf(() => Cache.open(join(base, 'file'), UID))).toBe(
      `unable to open ${base}/file/alfwrapper (ENOTDIR)`,
    );
    expect(problemOf(() => Cache.open(join(base, 'no/where'), UID))).toBe(
      `unable to open ${base}/no (ENOENT)`,
    );
  });

  it('is refused: a directory in which nothing can be made', () => {
    const problem = UID === 0 ? 'unable to make /proc/alfwrapper (ENOENT)' : '/proc belongs to another user';
    expect(problemOf(() => Cache.open('/proc', UID))).toBe(problem);
  });

  it.runIf(UID === 0)("is refused: a directory of this user below one of somebody else's", () => {
    const home = makeDirectory({ '.cache/x': '' });
    chownSync(home, 65534, 65534);
    expect(problemOf(() => Cache.open(join(home, '.cache'), UID))).toBe(`${home} belongs to another user`);
    expect(readdirSync(join(home, '.cache'))).toEqual(['x']);
  });

  it.runIf(UID === 0)("is refused: a directory of this user that a link in somebody else's leads to", () => {
    const root = makeDirectory({ 'own/x': '', 'other/x': '' });
    symlinkSync(join(root, 'own'), join(root, 'other/link'));
    chownSync(join(root, 'other'), 65534, 65534);
    const base = join(root, 'other/link/.cache');
    expect(problemOf(() => Cache.open(base, UID))).toBe(`${root}/other belongs to another user`);
    expect(readdirSync(join(root, 'own'))).toEqual(['x']);
    symlinkSync(join(root, 'own'), join(root, 'link'));
    expect(problemOf(() => Cache.open(join(root, 'link/.cache'), UID))).toBe('none');
  });

  it('removes nothing but files when it is full', () => {
    const base = makeDirectory({ 'alfwrapper/directory/x': '' });
    chmodSync(join(base, 'alfwrapper'), 0o700);
    symlinkSync('/nowhere', join(base, 'alfwrapper/link'));
    const cache = Cache.open(base, UID);
    cache.write('large', [new Uint8Array(2 ** 25 + 1)], 1);
    expect(readdirSync(join(base, 'alfwrapper')).sort()).toEqual(['directory', 'large', 'link']);
    cache.close();
  });

  it.each<[string, (file: string) => void]>([
    ['a file that others may write to', (file) => chmodSync(file, 0o622)],
    [
      'a symbolic link',
      (file) => {
        symlinkSync('/etc/hostname', `${file}.link`);
      },
    ],
    ['a directory', (file) => mkdirSync(`${file}.link`)],
    ...(UID === 0
      ? [
          ["somebody else's file", (file: string) => chownSync(file, 65534, 65534)] as [
            string,
            (file: string) => void,
          ],
        ]
      : []),
  ])('does not trust %s', (_, spoil) => {
    const base = makeDirectory();
    const cache = Cache.open(base, UID);
    cache.write('a', [BYTES], 1);
    spoil(join(base, 'alfwrapper/a'));
    const name = readdirSync(join(base, 'alfwrapper')).at(-1) ?? '';
    expect(cache.read(name)).toBeUndefined();
    cache.close();
  });

  it('says so when it cannot be written, and leaves nothing', () => {
    const base = makeDirectory();
    const cache = Cache.open(base, UID);
    mkdirSync(join(base, 'alfwrapper/a'));
    writeFileSync(join(base, 'alfwrapper/a/x'), '');
    expect(problemOf(() => cache.write('a', [BYTES], 1))).toBe('unable to write to the cache (EISDIR)');
    expect(readdirSync(join(base, 'alfwrapper'))).toEqual(['a']);
    cache.close();
  });
});

describe('cacheBase', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/c', HOME: '/h' }, '/c'],
    [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, '/h/.cache'],
    [{ XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache'],
    [{ HOME: '' }, undefined],
    [{ HOME: 'h' }, undefined],
    [{}, undefined],
  ])('%j', (variables: Readonly<Record<string, string>>, base) => {
    expect(
      cacheBase(
        (name) => variables[name],
        UID,
        () => '/entry',
      ),
    ).toBe(base);
  });

  it.runIf(UID === 0)('of a HOME of another user is in the home that the user database says', () => {
    const home = makeDirectory();
    chownSync(home, 65534, 65534);
    const variable = (name: string) => (name === 'HOME' ? home : undefined);
    expect(cacheBase(variable, UID, () => '/entry')).toBe('/entry/.cache');
    expect(cacheBase(variable, UID, () => undefined)).toBeUndefined();
    expect(cacheBase(variable, 65534, () => '/entry')).toBe(`${home}/.cache`);
  });
});
