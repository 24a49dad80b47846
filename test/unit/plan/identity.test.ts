import { describe, expect, it } from 'vitest';
import { type Credentials, type IdentityRequest, makePlan } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { accountsOf, capabilitiesOf, configOf, filterOf, NOBODY } from '../support/plans.js';

const [SETGID, SETUID, SETPCAP] = [1n << 6n, 1n << 7n, 1n << 8n];
const ROOT = { ...NOBODY, uid: 0, effective: SETGID | SETUID | SETPCAP, bounding: SETGID | SETUID | SETPCAP };

const plan = (identity: IdentityRequest, credentials: Partial<Credentials> = {}) =>
  makePlan(
    configOf({ identity }),
    filterOf(),
    capabilitiesOf({ credentials: { ...ROOT, ...credentials }, accounts: accountsOf(identity) }),
  );

const steps = (identity: IdentityRequest, credentials: Partial<Credentials> = {}) =>
  plan(identity, credentials).identity?.steps;

const NO_BOUNDING = { step: 'dropBounding', capabilities: [6, 7, 8] };
const NO_CAPABILITIES = { step: 'dropCapabilities' };

describe('another identity', () => {
  it('is none if nothing is asked for', () => {
    expect(plan({})).not.toHaveProperty('identity');
  });

  it('takes its steps in the one order that works', () => {
    const everything = { user: 'www-data', umask: 0o27, directory: '/srv', noNewPrivs: true } as const;
    expect(steps(everything)).toEqual([
      { step: 'setgroups', groups: [33, 4, 100] },
      { step: 'setgid', gid: 33 },
      NO_BOUNDING,
      { step: 'setuid', uid: 33 },
      NO_CAPABILITIES,
      { step: 'umask', mask: 0o27 },
      { step: 'chdir', directory: '/srv' },
      { step: 'noNewPrivs' },
    ]);
  });

  it.each([
    [
      'the group that is named joins those of the user',
      { user: 'www-data', group: 'adm' },
      [4, 4, 100],
      4,
      33,
    ],
    ['a number with an entry is that user', { user: '33' }, [33, 4, 100], 33, 33],
    ['a number without one has no groups but the one named', { user: '7', group: '8' }, [], 8, 7],
    ['a group can be a number without an entry', { user: 'www-data', group: '77' }, [77, 4, 100], 77, 33],
    ['the largest id there is', { user: '4294967294', group: '4294967294' }, [], 4294967294, 4294967294],
    ['root is a user like any other', { user: 'root' }, [0], 0, 0],
  ] as const)('%s', (_, request, groups, gid, uid) => {
    const ids = steps(request)?.filter(({ step }) => step.startsWith('set'));
    expect(ids).toEqual([
      { step: 'setgroups', groups },
      { step: 'setgid', gid },
      { step: 'setuid', uid },
    ]);
  });

  it('of a group alone leaves the user, its capabilities and its variables', () => {
    expect(plan({ group: 'adm' }).identity).toEqual({
      steps: [
        { step: 'setgroups', groups: [] },
        { step: 'setgid', gid: 4 },
      ],
    });
  });

  it.each([
    ['www-data', { HOME: '/var/www', LOGNAME: 'www-data', SHELL: '/usr/sbin/nologin', USER: 'www-data' }],
    ['7:7', { HOME: null, LOGNAME: null, SHELL: null, USER: null }],
  ])('brings the variables of %s', (text, variables) => {
    const [user = '', group] = text.split(':');
    expect(plan(group === undefined ? { user } : { user, group }).identity?.variables).toEqual(variables);
  });
});

describe('its capabilities', () => {
  it('are all gone for any user but root', () => {
    expect(steps({ user: 'www-data' })).toContainEqual(NO_CAPABILITIES);
    expect(steps({ user: 'root' })).not.toContainEqual(NO_CAPABILITIES);
    expect(steps({ user: 'root', dropCapabilities: true })).toContainEqual(NO_CAPABILITIES);
  });

  it('are dropped without another user too', () => {
    expect(steps({ dropCapabilities: true })).toEqual([NO_BOUNDING, NO_CAPABILITIES]);
  });

  it.each([
    ['nothing is in it', { bounding: 0n, effective: SETGID | SETUID }],
    ['another user would not notice what cannot be taken out', { effective: SETGID | SETUID }],
  ])('leave the bounding set alone where %s', (_, credentials) => {
    const taken = steps({ user: 'www-data' }, credentials);
    expect(taken?.map(({ step }) => step)).toEqual(['setgroups', 'setgid', 'setuid', 'dropCapabilities']);
  });

  it('are not dropped a second time one by one', () => {
    const lent = { uid: 1000, ambient: SETGID | SETUID, effective: SETGID | SETUID };
    expect(plan({ user: 'www-data' }, lent).drop.capabilities).toEqual([]);
  });

  it('that were lent for a group alone are dropped after use', () => {
    const lent = { uid: 1000, ambient: SETGID | SETUID, effective: SETGID | SETUID };
    expect(plan({ group: 'adm' }, lent).drop.capabilities).toEqual(['CAP_SETGID']);
  });
});

describe('an identity that cannot be had', () => {
  const missing = { errno: 'EPERM', hint: 'run as root, or leave --user and --group out' };

  it.each([
    [
      'a user nobody has',
      { user: 'wwww' },
      {},
      'no such user: wwww',
      'see: getent passwd; a number needs no entry',
    ],
    [
      'a name with a space',
      { user: 'a b' },
      {},
      'no such user: "a b"',
      'see: getent passwd; a number needs no entry',
    ],
    ['a sign', { user: '-1' }, {}, 'no such user: -1', 'see: getent passwd; a number needs no entry'],
    [
      'a group nobody has',
      { group: 'admin' },
      {},
      'no such group: admin',
      'see: getent group; a number needs no entry',
    ],
    [
      'an id that means "unchanged"',
      { user: '4294967295' },
      {},
      'user 4294967295 is out of range',
      'the largest is 4294967294',
    ],
    [
      'a group of the same kind',
      { group: '4294967295' },
      {},
      'group 4294967295 is out of range',
      'the largest is 4294967294',
    ],
    [
      'a number without entry and group',
      { user: '7' },
      {},
      'user 7 has no entry, so it has no group either',
      'write --user 7:GROUP',
    ],
  ])('%s', (_, request, credentials, message, hint) => {
    expect(failureOf(() => plan(request, credentials))).toEqual({ code: 'ALF_IDENTITY', message, hint });
  });

  it.each([
    [
      'CAP_SETGID',
      { user: 'www-data' },
      { effective: SETUID },
      'unable to set the group: it needs CAP_SETGID',
    ],
    [
      'CAP_SETGID for a group',
      { group: 'adm' },
      { effective: SETUID },
      'unable to set the group: it needs CAP_SETGID',
    ],
    [
      'CAP_SETUID',
      { user: 'www-data' },
      { effective: SETGID },
      'unable to set the user: it needs CAP_SETUID',
    ],
    ['any', { user: 'root' }, { effective: 0n }, 'unable to set the group: it needs CAP_SETGID'],
  ])('without %s', (_, request, credentials, message) => {
    expect(failureOf(() => plan(request, credentials))).toEqual({
      code: 'ALF_IDENTITY',
      message,
      ...missing,
    });
  });

  it('without CAP_SETPCAP, if no capability may be left anywhere', () => {
    expect(failureOf(() => plan({ dropCapabilities: true }, { effective: 0n }))).toEqual({
      code: 'ALF_IDENTITY',
      message: 'unable to drop all capabilities: the bounding set can only be lowered with CAP_SETPCAP',
      errno: 'EPERM',
      hint: 'run as root, or keep the program from gaining any with --no-new-privs instead',
    });
  });
});
