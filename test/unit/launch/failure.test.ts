import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FailureContext, throwFailure } from '../../../src/launch/failure.js';
import { makePlan, type PlannedListener } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { failureAt } from '../support/fake-core.js';
import { capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

const UNIX: PlannedListener = {
  label: 'unix /run/a',
  socket: { type: 'stream', path: '/run/a' },
  mode: 0o660,
  options: [],
  tier: 'none',
  lock: false,
  fd: 4,
  fdname: 'a',
};

const { listeners, ...rest } = makePlan(
  configOf({ listeners: [listenerOf('::', 4242)] }),
  filterOf(),
  capabilitiesOf(),
);

const CONTEXT: FailureContext = {
  plan: { ...rest, listeners: [...listeners, UNIX] },
  changes: [
    { operation: 'setUmask', numbers: [0n], code: 'ALF_IDENTITY', what: 'set the umask to 0000', hints: {} },
  ],
  companion: '/companion',
};

const STEPS = [
  ...readFileSync('native/runtime/alf_runtime.h', 'utf8').matchAll(/^\tX\(\w+, "([\w-]+)"\)/gm),
].map(([, step = '']) => step);

/** What is said of a step that fails on a listener with EPERM. */
function said(step: string, changes: Parameters<typeof failureAt>[1] = {}) {
  return failureOf(() => throwFailure(failureAt(step, changes), CONTEXT));
}

describe('a step of the runtime that failed', () => {
  it('is one of a list', () => {
    expect(STEPS).toContain('bind');
    expect(STEPS.length).toBeGreaterThan(25);
  });

  it.each(STEPS.filter((step) => step !== 'none'))('has words: %s', (step) => {
    expect(said(step).message).not.toMatch(/carry out the plan \(|undefined/);
  });

  it('is said in general where it is a fault of ours', () => {
    expect(said('plan')).toMatchObject({
      code: 'ALF_NATIVE',
      message: 'unable to decode the plan: it is damaged',
    });
    expect(said('bind', { listener: 9 }).code).toBe('ALF_NATIVE');
    expect(said('process', { index: 9 }).code).toBe('ALF_NATIVE');
  });

  it.each([
    ['create', 0, 'create a socket for tcp [::]:4242'],
    ['create', 1, 'create a socket for the sink of tcp [::]:4242'],
    ['create', 2, 'create a socket for the second socket of tcp [::]:4242'],
    ['option', 0, 'set SO_REUSEADDR on tcp [::]:4242'],
    ['option', 1, 'set SO_REUSEADDR on the sink of tcp [::]:4242'],
    ['attach', 0, 'attach the filter to tcp [::]:4242'],
    ['lock', 0, 'lock the filter of tcp [::]:4242'],
    ['bind', 1, 'bind tcp [::]:4242'],
    ['listen', 0, 'listen on tcp [::]:4242'],
    ['name', 0, 'ask for the address of tcp [::]:4242'],
    ['filter-read', 0, 'look for a filter on tcp [::]:4242'],
    ['grace', 0, 'wait for the filter of tcp [::]:4242 (membarrier)'],
    ['queue', 0, 'read the queue of tcp [::]:4242'],
    ['reset', 0, 'reset a connection on tcp [::]:4242'],
    ['discard', 0, 'empty the queue of tcp [::]:4242'],
  ])('is said of its socket: %s, part %i', (step, part, what) => {
    expect(said(step, { part })).toMatchObject({
      code: 'ALF_SOCKET',
      message: `unable to ${what}: operation not permitted`,
      errno: 'EPERM',
    });
  });

  it.each([
    [
      'intercept',
      16,
      'intercept the sockets of the program (seccomp)',
      'EBUSY',
      /supervises this one already/,
    ],
    ['intercept', 1, 'intercept the sockets of the program (seccomp)', 'EPERM', /SystemCallFilter=/],
    [
      'supervise',
      32,
      'intercept the sockets of the program: the companion does not supervise them',
      'EPIPE',
      /the companion has ended/,
    ],
    [
      'supervise',
      110,
      'intercept the sockets of the program: the companion does not supervise them',
      'ETIMEDOUT',
      /does not answer/,
    ],
  ])('is said of interception: %s, errno %i', (step, number, what, errno, hint) => {
    expect(said(step, { errno: number })).toMatchObject({
      code: 'ALF_INTERCEPT',
      message: expect.stringMatching(new RegExp(`^unable to ${what.replace(/[()]/g, '\\$&')}: `)),
      errno,
      hint: expect.stringMatching(hint),
    });
  });

  it.each([
    [
      'create',
      97,
      'the kernel has no such addresses: listen on IPv4 (0.0.0.0) in place of IPv6, or the other way',
    ],
    ['create', 24, 'the limit on open files is reached; see: ulimit -n'],
    ['attach', 12, 'the filter is larger than sysctl net.core.optmem_max allows'],
    ['bind', 98, 'another socket has this port; see: ss -lnp'],
    ['bind', 99, 'no interface of this machine has this address; see: ip address'],
    [
      'bind',
      13,
      'ports below 1024 need CAP_NET_BIND_SERVICE or a lower sysctl net.ipv4.ip_unprivileged_port_start',
    ],
    ['bind', 22, 'a link-local address needs its interface: fe80::1%eth0'],
    ['bind', 5, undefined],
    ['listen', 98, 'another socket listens on this port; see: ss -lntp'],
  ])('has a hint: %s, errno %i: %s', (step, errno, hint) => {
    expect(said(step, { errno }).hint).toBe(hint);
  });

  it.each([
    [
      'bind',
      2,
      {
        message: 'unable to bind unix /run/a: no such file or directory',
        errno: 'ENOENT',
        hint: 'its directory does not exist',
      },
    ],
    [
      'bind',
      98,
      {
        message: 'unable to bind unix /run/a: address already in use',
        hint: 'another socket has this name; see: ss -lxp',
      },
    ],
    [
      'file-in-use',
      98,
      {
        message: 'unable to bind unix /run/a: another socket has it',
        errno: 'EADDRINUSE',
        hint: 'see: ss -lxp',
      },
    ],
    [
      'file-no-socket',
      98,
      {
        message: 'unable to bind unix /run/a: a file that is not a socket has this path',
        errno: 'EADDRINUSE',
        hint: 'move it, or listen elsewhere',
      },
    ],
    [
      'file-owner',
      13,
      { message: 'unable to find out whether a process has unix /run/a: permission denied', errno: 'EACCES' },
    ],
    [
      'file-replace',
      13,
      { message: 'unable to replace the socket /run/a that no process listens on: permission denied' },
    ],
  ])('is said of a file: %s, errno %i', (step, errno, words) => {
    expect(said(step, { listener: 1, errno })).toMatchObject(words);
  });

  it('is said of a socket that was passed in with a filter, without an errno', () => {
    expect(said('filter-present', { errno: 17 })).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to filter tcp [::]:4242: it was passed in with a filter',
      hint: 'an earlier start or another program attached it; PartOf= in the .socket unit opens new sockets with the service',
    });
  });

  it.each([
    ['companion', 32, { code: 'ALF_KEEPER', message: 'unable to start /companion: broken pipe' }],
    ['guard', 1, { code: 'ALF_GUARD', errno: 'EPERM' }],
    [
      'process',
      1,
      { code: 'ALF_IDENTITY', message: 'unable to set the umask to 0000: operation not permitted' },
    ],
    [
      'handover',
      38,
      {
        code: 'ALF_HANDOVER',
        message: 'unable to hand over (close_range): function not implemented',
        errno: 'ENOSYS',
        hint: 'this needs Linux 5.10 or later',
      },
    ],
    [
      'handover',
      12,
      { code: 'ALF_HANDOVER', message: 'unable to hand over (close_range): not enough memory' },
    ],
  ])('is said of the process: %s, errno %i', (step, errno, words) => {
    expect(said(step, { errno })).toMatchObject(words);
  });
});
