import { describe, expect, it } from 'vitest';
import { gatherCapabilities } from '../../../../src/kernel/probe/index.js';
import { failureOf } from '../../support/failure.js';
import { fakeCore } from '../../support/fake-core.js';

const accounts = (answers: Record<string, number> = {}) =>
  gatherCapabilities({
    core: fakeCore(answers).core,
    bpf: () => expect.unreachable(),
    bcc: () => expect.unreachable(),
  }).accounts;

describe('the user and group databases', () => {
  it('may have no such entry', () => {
    expect(accounts().user('www')).toBeUndefined();
    expect(accounts().group('www')).toBeUndefined();
  });

  it('are not asked in vain if they cannot answer', () => {
    expect(failureOf(() => accounts({ user: -5 }).user('www'))).toEqual({
      code: 'ALF_IDENTITY',
      message: 'unable to look up user www: i/o error',
      errno: 'EIO',
      hint: 'see nsswitch.conf(5)',
    });
    expect(failureOf(() => accounts({ group: -24 }).group('www')).message).toBe(
      'unable to look up group www: too many open files',
    );
  });
});
