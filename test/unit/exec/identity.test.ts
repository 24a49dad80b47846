import { describe, expect, it } from 'vitest';
import { changeIdentity, identityEnvironment } from '../../../src/exec/index.js';
import type { IdentityStep } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { fakeCore } from '../support/fake-core.js';

const STEPS: readonly IdentityStep[] = [
  { step: 'setgroups', groups: [33, 4] },
  { step: 'setgid', gid: 33 },
  { step: 'dropBounding', capabilities: [0, 39] },
  { step: 'setuid', uid: 33 },
  { step: 'dropCapabilities' },
  { step: 'umask', mask: 0o27 },
  { step: 'chdir', directory: '/srv' },
  { step: 'noNewPrivs' },
];

const FORBIDDEN = 'a seccomp filter of the container or the unit may forbid the call; see: alfwrapper doctor';

describe('changeIdentity', () => {
  it('takes every step, in order', () => {
    const { core, calls } = fakeCore();
    changeIdentity(core, { steps: STEPS });
    expect(calls).toEqual([
      'setgroups(33,4)',
      'setgid(33)',
      'dropBounding(0)',
      'dropBounding(39)',
      'setuid(33)',
      'capset(0, 0, 0)',
      'umask(23)',
      'chdir(/srv)',
      'noNewPrivs()',
    ]);
  });

  it.each([
    [
      'setgroups',
      -1,
      'set the supplementary groups to 33, 4',
      'it needs CAP_SETGID, and a user namespace that allows setgroups(2)',
    ],
    ['setgid', -22, 'set the group to 33', 'this user namespace has no such id; see user_namespaces(7)'],
    ['dropBounding', -1, 'empty the bounding set of capabilities', FORBIDDEN],
    ['setuid', -22, 'set the user to 33', 'this user namespace has no such id; see user_namespaces(7)'],
    ['capset', -1, 'drop all capabilities', FORBIDDEN],
    ['umask', -1, 'set the umask to 0027', FORBIDDEN],
    ['chdir', -13, 'change to /srv', 'the user the program runs as must be allowed to go there'],
    ['noNewPrivs', -22, 'set no_new_privs', undefined],
  ])('stops at %s if that fails', (call, status, what, hint) => {
    const { core, calls } = fakeCore({ [call]: status });
    const failure = failureOf(() => changeIdentity(core, { steps: STEPS }));
    expect(failure).toMatchObject({
      code: 'ALF_IDENTITY',
      message: expect.stringMatching(`^unable to ${what.replace('(', '\\(')}: `),
    });
    expect(failure.hint).toBe(hint);
    expect(calls.at(-1)?.startsWith(call)).toBe(true);
  });

  it('says so if there are no groups to have', () => {
    const { core } = fakeCore({ setgroups: -1 });
    const leave = () => changeIdentity(core, { steps: [{ step: 'setgroups', groups: [] }] });
    expect(failureOf(leave).message).toBe('unable to leave all groups: operation not permitted');
  });
});

describe('identityEnvironment', () => {
  const before = ['A=1', 'HOME=/root', 'USER=root', 'LOGNAME=root', 'SHELL=/bin/sh', 'HOMES=x'].map((text) =>
    Buffer.from(text),
  );
  const made = (variables?: {
    HOME: string | null;
    LOGNAME: string | null;
    SHELL: string | null;
    USER: string | null;
  }) =>
    identityEnvironment(before, { steps: [], ...(variables === undefined ? {} : { variables }) }).map(String);

  it('is the same if the user is', () => {
    expect(made()).toEqual(before.map(String));
  });

  it('names another user in place of the one before', () => {
    const variables = { HOME: '/srv', LOGNAME: 'www', SHELL: '/bin/false', USER: 'www' };
    expect(made(variables)).toEqual([
      'A=1',
      'HOMES=x',
      'HOME=/srv',
      'LOGNAME=www',
      'SHELL=/bin/false',
      'USER=www',
    ]);
  });

  it('names nobody rather than somebody else', () => {
    expect(made({ HOME: null, LOGNAME: null, SHELL: null, USER: null })).toEqual(['A=1', 'HOMES=x']);
  });
});
