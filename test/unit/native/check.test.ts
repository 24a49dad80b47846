import { describe, expect, it } from 'vitest';
import { check, describeErrno, loadOps } from '../../../src/native/index.js';
import { failureOf } from '../support/failure.js';

describe('check', () => {
  it.each([0, 1, 2 ** 31])('passes %i on', (status) => {
    expect(check(status, 'ALF_SOCKET', 'do it')).toBe(status);
  });

  it.each([
    [{}, {}],
    [{ EPERM: 'ask root' }, { hint: 'ask root' }],
    [{ '*': 'try again' }, { hint: 'try again' }],
    [{ '*': 'try again', EPERM: 'ask root' }, { hint: 'ask root' }],
    [{ EIO: 'no' }, {}],
  ])('hints %j', (hints, expected) => {
    expect(failureOf(() => check(-1, 'ALF_MAP', 'do it', hints))).toEqual({
      code: 'ALF_MAP',
      message: 'unable to do it: operation not permitted',
      errno: 'EPERM',
      ...expected,
    });
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
