import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/launch/changes.js';
import type { IdentityStep, Plan } from '../../../src/plan/index.js';
import { CONSTANTS } from '../support/fake-core.js';
import { EVERY_STEP, NOBODY } from '../support/plans.js';

const [SETPCAP, NET_BIND, CHOWN, BPF] = [1n << 8n, 1n << 10n, 1n, 1n << 39n];
const ALL = SETPCAP | NET_BIND | CHOWN | BPF;
const CREDENTIALS = { ...NOBODY, effective: ALL, permitted: ALL, inheritable: BPF | CHOWN, ambient: BPF };
const BOTH: Plan['drop'] = { capabilities: ['CAP_BPF', 'CAP_NET_BIND_SERVICE'], bounding: true };
const NOTHING: Plan['drop'] = { capabilities: [], bounding: true };

function changes(drop: Plan['drop'], steps: readonly IdentityStep[] = []) {
  const plan = { drop, ...(steps.length === 0 ? {} : { identity: { steps } }) } as unknown as Plan;
  return changesOf(plan, CONSTANTS, CREDENTIALS);
}

/** `setGid(33)`. */
function shown(list: ReturnType<typeof changes>): string[] {
  return list.map(({ operation, numbers, data = new Uint8Array() }) => {
    const text =
      operation === 'setGroups' ? new Uint32Array(Uint8Array.from(data).buffer) : Buffer.from(data);
    return `${operation}(${[...numbers, ...(data.length > 0 ? [String(text)] : [])].join(', ')})`;
  });
}

describe('the changes of another identity', () => {
  it('are made in the order of its steps', () => {
    expect(shown(changes(NOTHING, EVERY_STEP))).toEqual([
      'setGroups(33,4)',
      'setGid(33)',
      'dropBounding(0)',
      'dropBounding(39)',
      'setUid(33)',
      'setCapabilities(0, 0, 0)',
      'setUmask(23)',
      'changeDirectory(/srv\0)',
      'noNewPrivs()',
    ]);
  });

  it('are said by their steps', () => {
    expect(changes(NOTHING, EVERY_STEP).map(({ code, what }) => `${code} ${what}`)).toEqual([
      'ALF_IDENTITY set the supplementary groups to 33, 4',
      'ALF_IDENTITY set the group to 33',
      'ALF_IDENTITY empty the bounding set of capabilities',
      'ALF_IDENTITY empty the bounding set of capabilities',
      'ALF_IDENTITY set the user to 33',
      'ALF_IDENTITY drop all capabilities',
      'ALF_IDENTITY set the umask to 0027',
      'ALF_IDENTITY change to /srv',
      'ALF_IDENTITY set no_new_privs',
    ]);
    expect(changes(NOTHING, [{ step: 'setgroups', groups: [] }])[0]?.what).toBe('leave all groups');
  });

  it.each([
    ['setgroups', 'EPERM', 'it needs CAP_SETGID, and a user namespace that allows setgroups(2)'],
    ['setgroups', 'EINVAL', 'this user namespace has no such id; see user_namespaces(7)'],
    ['setgid', 'EINVAL', 'this user namespace has no such id; see user_namespaces(7)'],
    ['setuid', 'EINVAL', 'this user namespace has no such id; see user_namespaces(7)'],
    ['chdir', 'EACCES', 'the user the program runs as must be allowed to go there'],
    ['noNewPrivs', 'EINVAL', undefined],
  ])('have a hint: %s, %s', (step, errno, hint) => {
    const [change] = changes(
      NOTHING,
      EVERY_STEP.filter((each) => each.step === step),
    );
    expect(change?.hints[errno]).toBe(hint);
  });
});

describe('the changes that drop capabilities', () => {
  it('are none where there is nothing to drop', () => {
    expect(changes(NOTHING)).toEqual([]);
  });

  it('lower the bounding set while it still may be, and all other sets at the end', () => {
    expect(shown(changes(BOTH))).toEqual([
      'lowerAmbient(39)',
      'dropBounding(39)',
      'lowerAmbient(10)',
      'dropBounding(10)',
      `setCapabilities(${SETPCAP | CHOWN}, ${SETPCAP | CHOWN}, ${CHOWN})`,
    ]);
    expect(changes(BOTH).map(({ code, what }) => `${code} ${what}`)).toEqual([
      'ALF_CAPABILITY take CAP_BPF out of the ambient set',
      'ALF_CAPABILITY take CAP_BPF out of the bounding set',
      'ALF_CAPABILITY take CAP_NET_BIND_SERVICE out of the ambient set',
      'ALF_CAPABILITY take CAP_NET_BIND_SERVICE out of the bounding set',
      'ALF_CAPABILITY drop CAP_BPF, CAP_NET_BIND_SERVICE',
    ]);
  });

  it('leave the bounding set where it may not be lowered', () => {
    expect(shown(changes({ capabilities: ['CAP_BPF'], bounding: false }))).toEqual([
      'lowerAmbient(39)',
      `setCapabilities(${ALL & ~BPF}, ${ALL & ~BPF}, ${CHOWN})`,
    ]);
  });

  it('come after those of another identity', () => {
    const [first] = shown(changes(BOTH, [{ step: 'umask', mask: 0 }]));
    expect(first).toBe('setUmask(0)');
  });
});
