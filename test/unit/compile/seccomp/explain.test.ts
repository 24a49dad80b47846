import { expect, it } from 'vitest';
import { compileGuard, compileInterception, explainSeccomp } from '../../../../src/compile/seccomp/index.js';

const linesOf = (program: Uint8Array | undefined) =>
  explainSeccomp(program ?? new Uint8Array())
    .trimEnd()
    .split('\n');

it('names the words that are loaded and the actions that are returned', () => {
  const lines = linesOf(compileInterception('x86_64', { mechanism: 'fetch', steers: true }));
  expect(lines[0]).toMatch(/^; seccomp program, \d+ of 4096 instructions$/);
  expect(lines[1]).toMatch(/^ +ld \[4\] +; interface of the system call$/);
  expect(lines.at(-1)).toMatch(/ret #0x80000000 +; kill the process$/);
  for (const note of [
    'number of the system call',
    'first argument',
    'second argument',
    'third argument',
    'allow',
    'suspend until the companion answers',
    'fail with EPERM',
    'fail with ENOSYS',
    'fail with EPROTONOSUPPORT',
    'fail with EAFNOSUPPORT',
  ])
    expect(lines.some((line) => line.endsWith(`; ${note}`))).toBe(true);
});

it('has a note on every load and every return', () => {
  for (const program of [
    compileGuard('aarch64'),
    compileInterception('aarch64', { mechanism: 'create', steers: false }),
  ]) {
    const noted = linesOf(program).filter((line) => /\b(ld|ret)\b/.test(line));
    expect(noted.length).toBeGreaterThan(20);
    for (const line of noted) expect(line).toMatch(/ ; (?!.*undefined)\S/);
  }
});
