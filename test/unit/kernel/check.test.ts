import { readFileSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PROBED } from '../../../src/kernel/check.js';
import { check, describeErrno, loadOps, systemFailure } from '../../../src/kernel/index.js';
import { failureOf } from '../support/failure.js';

const FORBIDDEN = 'a seccomp filter of the container or the unit may forbid the call; see: alfwrapper doctor';

describe('check', () => {
  it.each([0, 1, 2 ** 31])('passes %i on', (status) => {
    expect(check(status, 'ALF_SOCKET', 'do it')).toBe(status);
  });

  it.each([
    [{}, { hint: FORBIDDEN }],
    [{ EPERM: 'ask root' }, { hint: 'ask root' }],
    [{ '*': 'try again' }, { hint: 'try again' }],
    [{ '*': 'try again', EPERM: 'ask root' }, { hint: 'ask root' }],
    [{ EIO: 'no' }, { hint: FORBIDDEN }],
    [{ EPERM: { kind: 'name entry' } as const }, { hint: 'name one: --entry NAME' }],
  ])('hints %j', (hints, expected) => {
    expect(failureOf(() => check(-1, 'ALF_MAP', 'do it', hints))).toEqual({
      code: 'ALF_MAP',
      message: 'unable to do it: operation not permitted',
      errno: 'EPERM',
      ...expected,
    });
  });
});

describe('systemFailure', () => {
  it('names the call of Node.js that failed, its file, and the reason', () => {
    const missing = () => {
      try {
        return readFileSync('/no/such file');
      } catch (error) {
        throw systemFailure(error);
      }
    };
    expect(failureOf(missing)).toEqual({
      code: 'ALF_STATE',
      errno: 'ENOENT',
      message: 'unable to open "/no/such file": no such file or directory',
    });
  });

  it('suspects seccomp where a call is forbidden', () => {
    const forbidden = Object.assign(new Error('x'), { errno: -1, syscall: 'uv_cwd' });
    expect(systemFailure(forbidden)).toMatchObject({
      message: 'unable to uv_cwd: operation not permitted',
      hint: FORBIDDEN,
    });
  });

  it.each([new Error('x'), 'x', undefined, new TypeError('x')])('leaves other errors alone: %s', (thrown) => {
    expect(systemFailure(thrown)).toBeUndefined();
  });
});

it('describes an errno that has no name', () => {
  expect(describeErrno(524)).toEqual({ name: 'errno 524', text: 'unknown error' });
});

it('says which addon could not be loaded', () => {
  const { code, message, hint } = failureOf(() => loadOps('/nowhere', process.dlopen));
  expect([code, hint]).toEqual(['ALF_NATIVE', 'run scripts/setup.sh']);
  expect(message).toMatch(/^unable to load \/nowhere\/build\/native\/alf\.node: .+/);
});

it('has the words of Node.js for the errors of a start', () => {
  for (const [errno, words] of PROBED) expect(words).toEqual(getSystemErrorMap().get(-errno));
  expect(describeErrno(1)).toEqual({ name: 'EPERM', text: 'operation not permitted' });
});
