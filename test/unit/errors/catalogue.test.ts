import { expect, it } from 'vitest';
import { AlfError, catalogue, type ErrorCode, exitStatus } from '../../../src/errors/index.js';

it('has status 126 for a program that cannot be executed, 127 for one that is not found, else 125', () => {
  const others = (Object.keys(catalogue) as ErrorCode[]).filter((code) => exitStatus(code) !== 125);
  expect(others).toEqual(['ALF_NOT_EXECUTABLE', 'ALF_NOT_FOUND']);
  expect(exitStatus('ALF_NOT_EXECUTABLE')).toBe(126);
  expect(exitStatus('ALF_NOT_FOUND')).toBe(127);
});

it('carries code, hint, errno and detail', () => {
  const error = new AlfError('ALF_MAP', 'm', { hint: 'h', errno: 'E2BIG', detail: 'd' });
  expect({ ...error, message: error.message }).toEqual({
    name: 'AlfError',
    code: 'ALF_MAP',
    message: 'm',
    hint: 'h',
    errno: 'E2BIG',
    detail: 'd',
  });
  expect(error).toBeInstanceOf(Error);
});
