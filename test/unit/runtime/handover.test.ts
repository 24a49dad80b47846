import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../../src/exec/index.js';
import { encodeTarget } from '../../../src/launch/index.js';
import { type InternetListener, makePlan, type PlannedListener } from '../../../src/plan/index.js';
import { planInherited } from '../support/adopted.js';
import { type FakeLaunch, runFake } from '../support/fake-kernel.js';
import { capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

/** Blocked are signals 1 and 2, ignored is 3; limits 5 and 6; standard output is closed, 4 and 9 are inherited. */
const TARGET = encodeTarget({
  path: Buffer.from('/bin/true'),
  argv: [Buffer.from('true'), Buffer.from('-x')],
  environment: [Buffer.from('A=1'), Buffer.from('a.b=')],
  record: parseRecord('3 4 5:6 0,2,4,9,'),
});

function opened(): InternetListener {
  const config = configOf({ listeners: [listenerOf('127.0.0.1', 80)] });
  const [listener] = makePlan(config, filterOf(), capabilitiesOf()).listeners;
  return listener as InternetListener;
}

function become(launch: FakeLaunch = {}, listener: PlannedListener = opened()) {
  const outcome = runFake({ listeners: [listener] }, { target: TARGET, ...launch });
  return { ...outcome, calls: outcome.phase('become') };
}

const dispositions = Array.from(
  { length: 64 },
  (_, i) => `sigaction(${i + 1}, ${i + 1 === 3 ? 'SIG_IGN' : 'SIG_DFL'})`,
);

const PLACE = ['close_range(3, -1, UNSHARE CLOEXEC)', 'fcntl(7, F_DUPFD_CLOEXEC, 4)', 'dup2(8, 3)'];
const RESTORE = [
  'fcntl(4, F_SETFD, 0)',
  'fcntl(9, F_SETFD, 0)',
  'fcntl(0, F_SETFD, 0)',
  'close(1)',
  'fcntl(2, F_SETFD, 0)',
  'setrlimit(RLIMIT_NOFILE, 5, 6)',
  ...dispositions,
  'rt_sigprocmask(3)',
];
const EXECUTE = 'execve(/bin/true)';

describe('the handover', () => {
  it('restores the recorded state and executes the target last', () => {
    const { calls, results, failure } = become();
    expect(failure).toBeUndefined();
    expect(calls).toEqual([...PLACE, ...RESTORE, EXECUTE]);
    expect(results('argument')).toEqual(['true', '-x']);
    expect(results('variable')).toEqual(['A=1', 'a.b=']);
  });

  it('locks the filter of a listener that was passed in after all that can fail but execve', () => {
    const { calls } = become({}, planInherited('127.0.0.1:80'));
    expect(calls.slice(-2)).toEqual(['setsockopt(3, SOL_SOCKET, SO_LOCK_FILTER, 1)', EXECUTE]);
  });

  it('does not lock it with --no-lock', () => {
    const { calls } = become({}, { ...planInherited('127.0.0.1:80'), lock: false });
    expect(calls.some((call) => call.includes('SO_LOCK_FILTER'))).toBe(false);
  });

  it('accepts that the C library reserves signals', () => {
    const { failure, calls } = become({ answers: { sigaction: '0,-22,0' } });
    expect(failure).toBeUndefined();
    expect(calls.at(-1)).toBe(EXECUTE);
  });

  it.each([
    [-38, 'function not implemented', 'ENOSYS', { hint: 'this needs Linux 5.10 or later' }],
    [-12, 'not enough memory', 'ENOMEM', {}],
  ])('says why it could not: %i', (status, text, errno, hint) => {
    const { failure, results, phase } = become({ answers: { close_range: status } });
    expect(failure).toEqual({
      code: 'ALF_HANDOVER',
      message: `unable to hand over (close_range): ${text}`,
      errno,
      ...hint,
    });
    expect(phase('close')).toEqual(['close(7)']);
    expect(results('left')).toEqual([]);
  });

  it('does without CLOSE_RANGE_CLOEXEC before Linux 5.11', () => {
    const { calls, failure } = become({ answers: { close_range: '-22,0' } });
    expect(failure).toBeUndefined();
    expect(calls.slice(0, 2)).toEqual([PLACE[0], 'close_range(-1, -1, UNSHARE)']);
    // The descriptors of the process that runs the test: one for the directory it reads at least.
    expect(calls[2]).toMatch(/^fcntl\(\d+, F_SETFD, FD_CLOEXEC\)$/);
    expect(calls.at(-1)).toBe(EXECUTE);
  });

  const HINT = '\\n  hint: a seccomp filter of the container or the unit may forbid the call';

  it.each([
    ['fcntl(7, F_DUPFD_CLOEXEC, 4)', 'move a listener (fcntl)'],
    ['dup2(8, 3)', 'place a listener (dup2)'],
    ['fcntl(4, F_SETFD, 0)', 'pass an inherited descriptor on (fcntl)'],
    ['fcntl(0, F_SETFD, 0)', 'pass stdio on (fcntl)'],
    ['setrlimit(RLIMIT_NOFILE, 5, 6)', 'restore the limit on open files (prlimit64)'],
    ['sigaction(1, SIG_DFL)', 'restore signal dispositions (rt_sigaction)'],
    ['rt_sigprocmask(3)', 'restore the signal mask (rt_sigprocmask)'],
  ])('is one line and the end if %s fails', (failing, what) => {
    const all = runFake({ listeners: [opened()] }, { target: TARGET }).calls;
    const { phase } = become({ answers: { [all.indexOf(failing) + 1]: -1 } });
    const made = phase('become');
    expect(made).toEqual([
      ...[...PLACE, ...RESTORE].slice(0, [...PLACE, ...RESTORE].indexOf(failing) + 1),
      `write(2, alfwrapper: unable to ${what}: Operation not permitted${HINT})`,
      '_exit(125)',
    ]);
  });

  it.each([
    [-2, 127, 'No such file or directory'],
    [-13, 126, 'Permission denied'],
    [-1, 126, 'Operation not permitted'],
  ])('ends with %i of execve as status %i', (execve, status, text) => {
    const { calls } = become({ answers: { execve } });
    expect(calls.slice(-3)).toEqual([
      EXECUTE,
      `write(2, alfwrapper: unable to execute /bin/true: ${text})`,
      `_exit(${status})`,
    ]);
  });

  it('takes the filter off a listener that was passed in if it fails', () => {
    const { calls } = become({ answers: { rt_sigprocmask: -12 } }, planInherited('127.0.0.1:80'));
    expect(calls.slice(-3)).toEqual([
      'setsockopt(3, SOL_SOCKET, SO_DETACH_FILTER, 0)',
      'write(2, alfwrapper: unable to restore the signal mask (rt_sigprocmask): Cannot allocate memory)',
      '_exit(125)',
    ]);
  });

  it('removes the file of a UNIX socket if it fails', () => {
    const listener: PlannedListener = {
      ...{ label: 'unix /run/a', socket: { type: 'stream', path: '/run/a' }, mode: 0o660, options: [] },
      ...{ tier: 'none', lock: false, fd: 3, fdname: 'a' },
    };
    const { calls } = become({ answers: { execve: -2 } }, listener);
    expect(calls.slice(-3)).toEqual([
      'unlink(/run/a)',
      expect.stringMatching(/^write\(2, alfwrapper: unable to execute /),
      '_exit(127)',
    ]);
  });
});
