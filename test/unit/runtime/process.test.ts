import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/plan/index.js';
import { CONSTANTS, runFake } from '../support/fake-kernel.js';
import { EVERY_STEP, NOBODY } from '../support/plans.js';

const CALLS = [
  'setgroups(33, 4)',
  'setresgid(33, 33, 33)',
  'prctl(PR_CAPBSET_DROP, 0)',
  'prctl(PR_CAPBSET_DROP, 39)',
  'setresuid(33, 33, 33)',
  'capset(0, 0, 0)',
  'umask(0027)',
  'chdir(/srv)',
  'prctl(PR_SET_NO_NEW_PRIVS, 1)',
];

const FORBIDDEN = 'a seccomp filter of the container or the unit may forbid the call; see: alfwrapper doctor';

describe('the change to another identity', () => {
  it('takes every step, in order', () => {
    const { phase, failure } = runFake({ identity: { steps: EVERY_STEP } });
    expect(failure).toBeUndefined();
    expect(phase('open')).toEqual(CALLS);
  });

  it.each([
    [
      1,
      -1,
      'set the supplementary groups to 33, 4',
      'it needs CAP_SETGID, and a user namespace that allows setgroups(2)',
    ],
    [2, -22, 'set the group to 33', 'this user namespace has no such id; see user_namespaces(7)'],
    [3, -1, 'empty the bounding set of capabilities', FORBIDDEN],
    [4, -1, 'empty the bounding set of capabilities', FORBIDDEN],
    [5, -22, 'set the user to 33', 'this user namespace has no such id; see user_namespaces(7)'],
    [6, -1, 'drop all capabilities', FORBIDDEN],
    [8, -13, 'change to /srv', 'the user the program runs as must be allowed to go there'],
    [9, -22, 'set no_new_privs', undefined],
  ])('stops at call %i if it fails', (n, status, what, hint) => {
    const { calls, failure } = runFake({ identity: { steps: EVERY_STEP } }, { answers: { [n]: status } });
    expect(failure).toMatchObject({
      code: 'ALF_IDENTITY',
      message: expect.stringContaining(`unable to ${what}: `),
    });
    expect(failure?.hint).toBe(hint);
    expect(calls).toEqual(CALLS.slice(0, n));
  });

  it('says so if there are no groups to have', () => {
    const identity = { steps: [{ step: 'setgroups', groups: [] }] } as const;
    const { failure } = runFake({ identity }, { answers: { setgroups: -1 } });
    expect(failure?.message).toBe('unable to leave all groups: operation not permitted');
  });
});

const [SETPCAP, NET_BIND, CHOWN, BPF] = [1n << 8n, 1n << 10n, 1n, 1n << 39n];
const ALL = SETPCAP | NET_BIND | CHOWN | BPF;
const CREDENTIALS = { ...NOBODY, effective: ALL, permitted: ALL, inheritable: BPF | CHOWN, ambient: BPF };
const BOTH: Plan['drop'] = { capabilities: ['CAP_BPF', 'CAP_NET_BIND_SERVICE'], bounding: true };

const capset = (...sets: bigint[]) => `capset(${sets.map((set) => set.toString(16)).join(', ')})`;
const lower = (name: 'CAP_BPF' | 'CAP_NET_BIND_SERVICE') =>
  `prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, ${CONSTANTS[name]})`;
const unbind = (name: 'CAP_BPF' | 'CAP_NET_BIND_SERVICE') => `prctl(PR_CAPBSET_DROP, ${CONSTANTS[name]})`;

describe('dropping capabilities', () => {
  it('does nothing where there is nothing to drop', () => {
    const drop = { capabilities: [], bounding: true } as const;
    expect(runFake({ drop }, { credentials: CREDENTIALS }).calls).toEqual([]);
  });

  it('lowers the bounding set while it still may, and all other sets at the end', () => {
    expect(runFake({ drop: BOTH }, { credentials: CREDENTIALS }).calls).toEqual([
      lower('CAP_BPF'),
      unbind('CAP_BPF'),
      lower('CAP_NET_BIND_SERVICE'),
      unbind('CAP_NET_BIND_SERVICE'),
      capset(SETPCAP | CHOWN, SETPCAP | CHOWN, CHOWN),
    ]);
  });

  it('leaves the bounding set where it may not be lowered', () => {
    const drop = { capabilities: ['CAP_BPF'], bounding: false } as const;
    expect(runFake({ drop }, { credentials: CREDENTIALS }).calls).toEqual([
      lower('CAP_BPF'),
      capset(ALL & ~BPF, ALL & ~BPF, CHOWN),
    ]);
  });

  it.each([
    [1, 'unable to take CAP_BPF out of the ambient set: operation not permitted'],
    [2, 'unable to take CAP_BPF out of the bounding set: operation not permitted'],
    [3, 'unable to take CAP_NET_BIND_SERVICE out of the ambient set: operation not permitted'],
    [4, 'unable to take CAP_NET_BIND_SERVICE out of the bounding set: operation not permitted'],
    [5, 'unable to drop CAP_BPF, CAP_NET_BIND_SERVICE: operation not permitted'],
  ])('stops at call %i if it fails', (n, message) => {
    const { calls, failure } = runFake({ drop: BOTH }, { credentials: CREDENTIALS, answers: { [n]: -1 } });
    expect(failure).toMatchObject({ code: 'ALF_CAPABILITY', message, errno: 'EPERM' });
    expect(calls).toHaveLength(n);
  });
});
