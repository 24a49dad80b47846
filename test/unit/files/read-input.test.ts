import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readInput, readLines } from '../../../src/files/index.js';
import { makeDirectory } from '../support/directory.js';
import { failureOf } from '../support/failure.js';

const MIB = 2 ** 20;
const OPTIONS = { code: 'ALF_POLICY_INPUT', maxBytes: 2 * MIB } as const;

const read = (source: string) => readInput(source, OPTIONS);
const makeFile = (text: string, mode = 0o644) => {
  const file = join(makeDirectory({ f: text }), 'f');
  chmodSync(file, mode);
  return file;
};

describe('an input', () => {
  it.each([0, 1, 65536, 65537, 200_000, 2 * MIB])('of %i bytes is read whole', (size) => {
    const text = 'x'.repeat(size);
    expect(read(makeFile(text)).bytes.toString() === text).toBe(true);
  });

  it('may be a file without a known size, or a device', () => {
    expect(read('/proc/self/status').bytes.toString()).toContain('VmRSS');
    expect(read('/dev/null')).toEqual({ bytes: Buffer.alloc(0), quotable: true });
  });

  it('may be an open pipe, which is read until its writers close it', () => {
    const script = `exec node --import tsx -e "
      import('./src/files/index.ts').then(({ readInput }) =>
        process.stdout.write(readInput('/dev/fd/3', { code: 'ALF_USAGE', maxBytes: ${MIB} }).bytes))" 3< <(sleep 0.2; echo late)`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('late\n');
  });

  it.each([
    [0o644, true],
    [0o604, true],
    [0o640, false],
    [0o600, false],
  ])('of mode %o may be quoted: %s', (mode, quotable) => {
    expect(read(makeFile('text', mode)).quotable).toBe(quotable);
  });
});

describe('an input is refused', () => {
  it.each([
    ['/nowhere', 'no such file or directory', 'ENOENT'],
    ['/etc', 'it is a directory', 'EISDIR'],
    ['/dev/zero', 'it is larger than 2 MiB, which is the limit', undefined],
  ])('that is %s', (source, reason, errno) => {
    expect(failureOf(() => read(source))).toEqual({
      code: 'ALF_POLICY_INPUT',
      message: `unable to read ${source}: ${reason}`,
      ...(errno === undefined ? {} : { errno }),
    });
  });

  it('that is larger than allowed, by one byte or by more than fits into memory', () => {
    const holes = makeFile('');
    truncateSync(holes, 2 ** 40);
    expect(failureOf(() => read(holes)).message).toMatch(/larger than 2 MiB/);
    expect(failureOf(() => read(makeFile('x'.repeat(2 * MIB + 1)))).message).toMatch(/larger than 2 MiB/);
  });

  it.each([false, true])('that is a FIFO, with a writer: %s', (withWriter) => {
    const fifo = join(makeDirectory(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    if (withWriter) {
      const fd = openSync(fifo, 'r+');
      onTestFinished(() => closeSync(fd));
    }
    expect(failureOf(() => read(fifo))).toEqual({
      code: 'ALF_POLICY_INPUT',
      message: `unable to read ${fifo}: it is a FIFO`,
      hint: 'expected a file, or a pipe that the shell has opened: <(command)',
    });
  });
});

describe('lines', () => {
  it('keep their numbers, without comments, blanks and empty lines', () => {
    const file = makeFile('a # b\r\n\n# c\n  d  \n');
    expect(readLines(file, /#.*/s, { code: 'ALF_ENTRY' })).toEqual({
      lines: [
        { line: 1, text: 'a' },
        { line: 4, text: 'd' },
      ],
      quotable: true,
    });
  });

  it('are limited in number', () => {
    const file = makeFile('\n'.repeat(1_000_000));
    expect(readLines(file, /#.*/s, { code: 'ALF_ENTRY' }).lines).toEqual([]);
    const longer = makeFile('\n'.repeat(1_000_001));
    expect(failureOf(() => readLines(longer, /#.*/s, { code: 'ALF_ENTRY' })).message).toBe(
      `unable to read ${longer}: it has more than 1000000 lines, which is the limit`,
    );
  });
});
