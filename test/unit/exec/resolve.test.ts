import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveProgram } from '../../../src/exec/index.js';
import { type FileSpec, makeDirectory } from '../support/directory.js';
import { failureOf } from '../support/failure.js';

const program = (text = '\x7fELF'): FileSpec => ({ text, mode: 0o755 });
const resolve = (name: string, path?: string) => {
  const found = resolveProgram(Buffer.from(name), path === undefined ? undefined : Buffer.from(path));
  return Buffer.from(found).toString();
};

describe('resolveProgram', () => {
  it('looks through PATH in order', () => {
    const root = makeDirectory({ 'a/other': program(), 'b/daemon': program(), 'c/daemon': program() });
    expect(resolve('daemon', `${root}/none:${root}/a:${root}/b:${root}/c`)).toBe(`${root}/b/daemon`);
  });

  it('passes over files that cannot be executed', () => {
    const root = makeDirectory({ 'a/daemon': 'text', 'b/daemon': program() });
    mkdirSync(join(root, 'd/daemon'), { recursive: true });
    expect(resolve('daemon', `${root}/a:${root}/d:${root}/b`)).toBe(`${root}/b/daemon`);
  });

  it('takes a name with a slash as a path', () => {
    const root = makeDirectory({ daemon: program() });
    expect(resolve(`${root}/daemon`, '/nowhere')).toBe(`${root}/daemon`);
  });

  it('looks in the usual places without PATH', () => {
    expect(resolve('sh')).toBe('/bin/sh');
  });

  it.each(['', ':/nowhere', '/nowhere:', '/nowhere::/nowhere'])(
    'takes the working directory for an empty part of %j',
    (path) => {
      // Tests run in the package's directory, which holds the entry.
      expect(resolve('alfwrapper', path)).toBe('./alfwrapper');
    },
  );

  it('keeps bytes that are not UTF-8', () => {
    const root = makeDirectory({ daemon: program() });
    const name = Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff, 0xfe)]);
    symlinkSync(Buffer.from('daemon'), name);
    expect(Buffer.from(resolveProgram(name, undefined))).toEqual(name);
    const path = Buffer.from(root);
    expect(Buffer.from(resolveProgram(Buffer.of(0xff, 0xfe), path))).toEqual(name);
  });

  it.each(['#!/bin/sh', '#!/bin/sh\n', '#! /bin/sh -e\n', '#!\t/bin/sh\t-e\n'])(
    'knows the interpreter of %j',
    (line) => {
      const root = makeDirectory({ script: program(line) });
      expect(resolve(`${root}/script`)).toBe(`${root}/script`);
    },
  );
});

describe('resolveProgram refuses', () => {
  const IN_PATH = 'no directory of PATH has it';
  const AS_PATH = 'a name with a slash is taken as a path';

  it.each([
    ['daemon', '/nowhere', 'unable to find program daemon', IN_PATH],
    ['a b', '/nowhere', 'unable to find program "a b"', IN_PATH],
    ['./daemon', '/bin', 'unable to find program ./daemon', AS_PATH],
    ['/nowhere/daemon', '/bin', 'unable to find program /nowhere/daemon', AS_PATH],
    ['/dev/null/daemon', '/bin', 'unable to find program /dev/null/daemon', AS_PATH],
  ])('what there is not: %s', (name, path, message, hint) => {
    expect(failureOf(() => resolve(name, path))).toEqual({ code: 'ALF_NOT_FOUND', message, hint });
  });

  it('an empty name', () => {
    expect(failureOf(() => resolve('', '/bin'))).toEqual({
      code: 'ALF_NOT_FOUND',
      message: 'the name of the program is empty',
    });
  });

  it('a file that is not executable', () => {
    const root = makeDirectory({ daemon: 'text' });
    expect(failureOf(() => resolve('daemon', root))).toEqual({
      code: 'ALF_NOT_EXECUTABLE',
      message: 'unable to execute daemon: it is not an executable file',
      hint: `try: chmod +x ${root}/daemon`,
    });
  });

  it('a directory', () => {
    const root = makeDirectory();
    expect(failureOf(() => resolve(root))).toEqual({
      code: 'ALF_NOT_EXECUTABLE',
      message: `unable to execute ${root}: it is not a regular file`,
    });
  });

  it.each([
    ['#!/nowhere/sh\n', '/nowhere/sh'],
    ['#! /nowhere/sh -e\n', '/nowhere/sh'],
    ['#!/bin/sh\r\n', String.raw`"/bin/sh\r"`],
    ['#!/\n', '/'],
  ])('a script that begins with %j', (line, interpreter) => {
    const root = makeDirectory({ script: program(line) });
    expect(failureOf(() => resolve('script', root))).toEqual({
      code: 'ALF_NOT_EXECUTABLE',
      message: `unable to execute script: its interpreter ${interpreter} is not an executable file`,
      hint: 'check its first line',
    });
  });

  it('a sixth script in a row, which the kernel answers with ELOOP', () => {
    const chain = (length: number) => {
      const root = makeDirectory();
      for (let i = 0; i < length; i++) {
        const interpreter = i + 1 < length ? `${root}/${i + 1}` : '/bin/sh';
        writeFileSync(join(root, String(i)), `#!${interpreter}\n`, { mode: 0o755 });
      }
      return `${root}/0`;
    };
    expect(resolve(chain(5))).toMatch(/0$/);
    const program = chain(6);
    expect(failureOf(() => resolve(program))).toEqual({
      code: 'ALF_NOT_EXECUTABLE',
      message: `unable to execute ${program}: more than 5 scripts interpret each other`,
    });
    expect(spawnSync(program).error).toMatchObject({ code: 'ELOOP' });
  });

  it('an interpreter whose path is longer than the kernel reads', () => {
    const root = makeDirectory({ script: program(`#!${'/'.repeat(260)}bin/sh\n`) });
    expect(failureOf(() => resolve('script', root))).toMatchObject({
      message: 'unable to execute script: Exec format error',
    });
  });
});
