import { describe, expect, it } from 'vitest';
import { makePlan, type PlannedIdentity } from '../../../src/plan/index.js';
import { COMPANION, runFake } from '../support/fake-kernel.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

function planned(...addresses: string[]) {
  const listeners = addresses.map((address, i) => listenerOf(address, 80 + i));
  const config = configOf({ listeners, tier: 'steer' });
  return makePlan(config, { ...filterOf(), policy: ALLOW_ALL }, capabilitiesOf()).listeners;
}

/** The calls from the first one that is made for the companion, and those after. */
const starting = (calls: readonly string[]) => calls.slice(calls.indexOf('pidfd_open(1000)'));

const START = [
  'pidfd_open(1000)',
  'pipe2(O_CLOEXEC)',
  'prctl(PR_GET_CHILD_SUBREAPER)',
  `posix_spawn(${COMPANION}, alf-companion 1000 -1 11 112 10:7:8)`,
  'close(112)',
  'poll(12, POLLIN, 5000)',
  'read(12, 4 bytes)',
  'waitpid(1001)',
  'close(11)',
  'close(12)',
];

describe('the companion', () => {
  it('gets the sinks and answers with its process id', () => {
    const { phase, results, failure } = runFake({ listeners: planned('0.0.0.0') });
    expect(failure).toBeUndefined();
    expect(starting(phase('open'))).toEqual(START);
    expect(results('companion')).toEqual(['77']);
  });

  it('is one for all sinks', () => {
    const { calls } = runFake({ listeners: planned('0.0.0.0', '127.0.0.1') });
    expect(calls.filter((call) => call.startsWith('posix_spawn'))).toEqual([
      `posix_spawn(${COMPANION}, alf-companion 1000 -1 15 116 10:7:8 14:11:12)`,
    ]);
  });

  it('gets sinks that have no peer as well', () => {
    const { calls } = runFake({ listeners: planned('0.0.0.0') }, { answers: { connect: -101 } });
    expect(calls).toContain(`posix_spawn(${COMPANION}, alf-companion 1000 -1 11 112 10:7:-1)`);
  });

  it('is not started if there is no sink', () => {
    const { calls, results } = runFake({ listeners: [] });
    expect(calls).toEqual([]);
    expect(results('companion')).toEqual([]);
  });

  it('gets the user of the target', () => {
    const identity: PlannedIdentity = { steps: [{ step: 'setuid', uid: 65534 }] };
    const { calls } = runFake({ listeners: planned('0.0.0.0'), identity });
    expect(calls).toContain(`posix_spawn(${COMPANION}, alf-companion 1000 65534 11 112 10:7:8)`);
  });

  it('is started with PR_SET_CHILD_SUBREAPER cleared, which is set again', () => {
    const { calls } = runFake({ listeners: planned('0.0.0.0') }, { answers: { subreaper: 1 } });
    const made = starting(calls);
    const indexOf = (call: string) => made.findIndex((each) => each.startsWith(call));
    expect(indexOf('prctl(PR_SET_CHILD_SUBREAPER, 0)')).toBe(indexOf('posix_spawn') - 1);
    expect(indexOf('prctl(PR_SET_CHILD_SUBREAPER, 1)')).toBe(indexOf('waitpid') + 1);
  });

  it.each([
    ['ended without an answer', { read: 0 }, 'broken pipe', undefined],
    [
      'cannot be executed',
      { posix_spawn: -13 },
      'permission denied',
      'is it executable, and on a file system that allows that?',
    ],
    ['does not exist', { posix_spawn: -2 }, 'no such file or directory', 'run scripts/setup.sh'],
    [
      'answers with an error',
      { answer: -11 },
      'resource temporarily unavailable',
      'the limit on processes is reached; see: ulimit -u',
    ],
    ['does not answer', { poll: '1,0' }, 'connection timed out', undefined],
    ['cannot be waited for', { poll: '1,-12' }, 'not enough memory', undefined],
  ])('ends the launch if it %s', (_, answers, reason, hint) => {
    const { failure, results } = runFake({ listeners: planned('0.0.0.0') }, { answers });
    expect(failure).toMatchObject({
      code: 'ALF_KEEPER',
      message: `unable to start ${COMPANION}: ${reason}`,
    });
    expect(failure?.hint).toBe(hint);
    expect(results('left')).toEqual([]);
  });

  it('is killed and reaped if it has not answered', () => {
    const { phase } = runFake({ listeners: planned('0.0.0.0') }, { answers: { read: 0 } });
    expect(starting(phase('open')).slice(6, 9)).toEqual([
      'read(12, 4 bytes)',
      'kill(1001, SIGKILL)',
      'waitpid(1001)',
    ]);
  });

  it('waits on if a signal interrupts', () => {
    const { calls, failure } = runFake(
      { listeners: planned('0.0.0.0') },
      { answers: { poll: '1,-4,1', waitpid: '-4,1001' } },
    );
    expect(failure).toBeUndefined();
    expect(calls.filter((call) => /^(poll\(12|waitpid)/.test(call))).toEqual([
      'poll(12, POLLIN, 5000) (2 times)',
      'waitpid(1001) (2 times)',
    ]);
  });
});
