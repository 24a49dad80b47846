import { describe, expect, it } from 'vitest';
import { gatherCapabilities } from '../../../../src/kernel/probe/index.js';
import type { IdentityRequest } from '../../../../src/plan/index.js';
import { failureOf } from '../../support/failure.js';
import { fakeCore } from '../../support/fake-core.js';

const NONE = { user: undefined, group: undefined, groups: [] };

function accounts(identity: IdentityRequest, answers: Record<string, number> = {}) {
  const { core, calls } = fakeCore(answers);
  const ops = { core, bpf: () => expect.unreachable(), bcc: () => expect.unreachable() };
  return { accounts: gatherCapabilities(ops, { identity }).accounts, calls: calls.slice(1) };
}

describe('the user and group databases', () => {
  it('are not asked if nobody is named', () => {
    expect(accounts({ umask: 0 })).toEqual({ accounts: NONE, calls: [] });
  });

  it('are asked for numbers of users, and not for those of groups', () => {
    expect(accounts({ user: '7', group: '8' })).toEqual({
      accounts: { ...NONE, group: 8 },
      calls: ['user(7)'],
    });
  });

  it('may have no such entry', () => {
    expect(accounts({ user: 'www', group: 'web' })).toEqual({
      accounts: NONE,
      calls: ['user(www)', 'group(web)'],
    });
  });

  it('end a launch if they cannot be asked', () => {
    expect(failureOf(() => accounts({ user: 'www' }, { user: -5 }))).toEqual({
      code: 'ALF_IDENTITY',
      message: 'unable to look up user www: i/o error',
      errno: 'EIO',
      hint: 'see nsswitch.conf(5)',
    });
    expect(failureOf(() => accounts({ group: 'www' }, { group: -24 })).message).toBe(
      'unable to look up group www: too many open files',
    );
  });
});
