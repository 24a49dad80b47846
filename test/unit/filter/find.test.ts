import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findFilter, readFilter } from '../../../src/filter/index.js';
import { makeDirectory } from '../support/directory.js';
import { failureOf } from '../support/failure.js';

/** A package with one filter that has been built. */
function makePackage(files: Readonly<Record<string, string>> = {}): string {
  return makeDirectory({
    'ebpf/one.c': 'source',
    'build/ebpf/one.c': 'source',
    'build/ebpf/one.bpf.o': 'object',
    ...files,
  });
}

function inDirectory(directory: string): void {
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(directory);
}

const EXPECTED = 'expected a C source, a compiled object, or a shipped filter such as whitelist-private';

describe('findFilter', () => {
  it.each(['one', 'one.c', 'ebpf/one.c'])('finds a shipped filter by %s, from anywhere', (filter) => {
    const root = makePackage();
    expect(findFilter(filter, root)).toEqual({
      name: 'one',
      file: join(root, 'build/ebpf/one.bpf.o'),
      shown: join(root, 'build/ebpf/one.bpf.o'),
      shipped: true,
    });
  });

  it('finds a shipped filter by the path of its source', () => {
    const root = makePackage();
    expect(findFilter(join(root, 'ebpf/one.c'), root).name).toBe('one');
    expect(findFilter(join(root, 'ebpf/../ebpf/./one.c'), root).name).toBe('one');
  });

  it('finds a shipped filter where the package is reached through a symbolic link', () => {
    const root = makePackage();
    const link = join(makeDirectory(), 'link');
    symlinkSync(root, link);
    expect(findFilter('one', link)).toEqual({
      name: 'one',
      file: join(link, 'build/ebpf/one.bpf.o'),
      shown: join(link, 'build/ebpf/one.bpf.o'),
      shipped: true,
    });
    expect(findFilter(join(root, 'ebpf/one.c'), link).name).toBe('one');
  });

  it.each([
    ['mine.bpf.o', 'mine'],
    ['mine.o', 'mine'],
    ['two.parts.bpf.o', 'two.parts'],
    ['mine.c', 'mine'],
    ['mine.bpf.c', 'mine'],
    ['one.c', 'one'],
    ['anything', 'anything'],
    ['.c', '.c'],
  ])("takes somebody's own file %s as it is", (file, name) => {
    const path = join(makeDirectory({ [file]: '' }), file);
    expect(findFilter(path, makePackage())).toEqual({ name, file: path, shown: path, shipped: false });
  });
});

describe('findFilter refuses', () => {
  it.each([
    ['', '""'],
    ['two', 'two'],
    ['ebpf/one', 'ebpf/one'],
    ['./one.c', './one.c'],
    ['ebpf/two.c', 'ebpf/two.c'],
    ['/nowhere/one.c', '/nowhere/one.c'],
    ['/dev/null/one.c', '/dev/null/one.c'],
  ])('what there is not: %j', (filter, shown) => {
    const root = makePackage();
    expect(failureOf(() => findFilter(filter, root))).toEqual({
      code: 'ALF_FILTER',
      message: `unable to find filter ${shown}`,
      hint: EXPECTED,
    });
  });

  it.each(['/nowhere/x.bpf.o', '/dev/null/x.bpf.o'])('an object there is not: %s', (filter) => {
    expect(failureOf(() => findFilter(filter, '/nowhere'))).toEqual({
      code: 'ALF_FILTER',
      message: `unable to find filter ${filter}`,
      hint: EXPECTED,
    });
  });

  it('a directory that is called like an object', () => {
    const path = join(makeDirectory(), 'x.bpf.o');
    mkdirSync(path);
    expect(failureOf(() => findFilter(path, '/nowhere'))).toEqual({
      code: 'ALF_FILTER',
      message: `filter ${path} is not a regular file`,
      hint: 'expected a C source, a compiled object, or a shipped filter such as whitelist-private',
    });
  });

  it('a shipped filter that has not been built', () => {
    const root = makePackage({ 'ebpf/new.c': '' });
    expect(failureOf(() => findFilter('new', root))).toEqual({
      code: 'ALF_FILTER',
      message: 'filter new has not been built',
      hint: `run: cd ${root} && npm run build`,
    });
  });

  it('a shipped filter whose source is not the one it was compiled from', () => {
    const root = makePackage();
    writeFileSync(join(root, 'ebpf/one.c'), 'sourc3');
    expect(failureOf(() => findFilter('one', root))).toEqual({
      code: 'ALF_FILTER',
      message: `${join(root, 'ebpf/one.c')} differs from the source of its object`,
      hint: `run: cd ${root} && npm run build`,
    });
  });
});

describe('a shipped filter', () => {
  it.each([
    [1000, 2000],
    [2000, 1000],
  ])('is found whatever the times of its source and object: %i and %i', (source, object) => {
    const root = makePackage();
    utimesSync(join(root, 'ebpf/one.c'), source, source);
    utimesSync(join(root, 'build/ebpf/one.bpf.o'), object, object);
    expect(findFilter('one', root).shipped).toBe(true);
  });

  it.each(['one', 'one.c', 'ebpf/one.c'])('wins over a file %s in the working directory', (word) => {
    const root = makePackage();
    inDirectory(makeDirectory({ [word]: 'foreign' }));
    expect(findFilter(word, root)).toMatchObject({
      file: join(root, 'build/ebpf/one.bpf.o'),
      shipped: true,
      unused: word,
    });
  });

  it.each(['./one', './one.c', './ebpf/one.c', 'sub/../ebpf/one.c', 'ebpf/../ebpf/one.c'])(
    'is not meant by the path %s',
    (word) => {
      const root = makePackage();
      const here = makeDirectory({ one: 'mine', 'one.c': 'mine', 'ebpf/one.c': 'mine', 'sub/x': '' });
      inDirectory(here);
      expect(findFilter(word, root)).toEqual({
        name: 'one',
        file: join(here, word),
        shown: word,
        shipped: false,
      });
    },
  );

  it.each(['one', 'ebpf/one.c'])('hides nothing in a directory without a file %s', (word) => {
    const root = makePackage();
    inDirectory(makeDirectory({ 'one/x': '', 'ebpf/one.c/x': '' }));
    expect(findFilter(word, root).unused).toBeUndefined();
    process.chdir(root);
    expect(findFilter(word, root).unused).toBeUndefined();
  });
});

describe('readFilter', () => {
  it('reads all bytes', () => {
    expect(Buffer.from(readFilter(join(makePackage(), 'build/ebpf/one.bpf.o'))).toString()).toBe('object');
  });

  it.each([
    ['/nowhere', 'unable to read /nowhere: no such file or directory', 'ENOENT'],
    ['/', 'unable to read /: it is a directory', 'EISDIR'],
  ])('refuses %s', (file, message, errno) => {
    expect(failureOf(() => readFilter(file))).toEqual({
      code: 'ALF_FILTER',
      message,
      errno,
      hint: 'the user that starts alfwrapper must be able to read it',
    });
  });
});
