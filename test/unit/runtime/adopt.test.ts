import { describe, expect, it } from 'vitest';
import { describeRemoved } from '../../../src/launch/removed.js';
import type { Plan, PlannedListener, UnixListener } from '../../../src/plan/index.js';
import { planInherited } from '../support/adopted.js';
import { type FakeLaunch, type FakeOutcome, openFake } from '../support/fake-kernel.js';

const TCP = planInherited('127.0.0.1:80');
const UDP = planInherited('udp:53');

const OPEN = ['getsockopt(3, SOL_SOCKET, SO_GET_FILTER)', 'setsockopt(3, SOL_SOCKET, SO_ATTACH_BPF, 11)'];
const SETTLE = [
  'membarrier()',
  'getsockopt(3, IPPROTO_TCP, TCP_INFO)',
  'fcntl(3, F_GETFL)',
  'fcntl(3, F_SETFL, O_NONBLOCK)',
  'accept4(3, SOCK_CLOEXEC)',
];
const AFTER = ['setsockopt(7, SOL_SOCKET, SO_LINGER, 0 s)', 'close(7)', 'fcntl(3, F_SETFL, 0)'];
const CALLS = [...OPEN, ...SETTLE, ...AFTER];

const DETACH = 'setsockopt(3, SOL_SOCKET, SO_DETACH_FILTER, 0)';

/** What was removed, as a user is told. */
function removedFrom(outcome: FakeOutcome, listener: PlannedListener): string[] {
  return outcome.results('removed').map((text) => {
    const [index = 0, count = 0, reason = 0, errno = 0] = text.split(' ').map(Number);
    const plan = { listeners: [listener] } as unknown as Plan;
    return describeRemoved(plan, { listener: index, count, reason, errno });
  });
}

const adopt = (launch: FakeLaunch = {}, listener = TCP) => openFake(listener, launch);

describe('a listener that was passed in', () => {
  it('is looked at, filtered, and its backlog removed, in this order; the lock is left to the handover', () => {
    const outcome = adopt();
    expect(outcome.failure).toBeUndefined();
    expect(outcome.phase('open')).toEqual(OPEN);
    expect(outcome.phase('settle')).toEqual([...SETTLE, ...AFTER]);
    expect(removedFrom(outcome, TCP)).toEqual([
      'tcp 127.0.0.1:80: reset 1 connection that arrived before the filter: their verdict is known to the filter only',
    ]);
  });

  it.each([
    [1, 'look for a filter on tcp 127.0.0.1:80'],
    [2, 'attach the filter to tcp 127.0.0.1:80'],
    [3, 'wait for the filter of tcp 127.0.0.1:80 (membarrier)'],
    [4, 'read the queue of tcp 127.0.0.1:80'],
    [5, 'reset a connection on tcp 127.0.0.1:80'],
    [6, 'reset a connection on tcp 127.0.0.1:80'],
    [7, 'reset a connection on tcp 127.0.0.1:80'],
  ])('is left without a filter if call %i fails: unable to %s', (n, what) => {
    const { calls, failure, results } = adopt({ answers: { [n]: -1 } });
    expect(failure).toMatchObject({
      code: 'ALF_SOCKET',
      message: `unable to ${what}: operation not permitted`,
    });
    // The flag belongs to all who share the socket.
    const restored = n > 6 ? ['fcntl(3, F_SETFL, 0)'] : [];
    const detached = n > 2 ? [DETACH] : [];
    expect(calls).toEqual([...CALLS.slice(0, n), ...restored, ...detached, 'close(3)']);
    expect(results('left')).toEqual([]);
  });

  it('is refused with a filter that is not ours, classic or not', () => {
    for (const status of [1, -13]) {
      const { calls, failure } = adopt({ answers: { 1: status } });
      expect(failure).toEqual({
        code: 'ALF_SOCKET',
        message: 'unable to filter tcp 127.0.0.1:80: it was passed in with a filter',
        hint: 'an earlier start or another program attached it; PartOf= in the .socket unit opens new sockets with the service',
      });
      expect(calls).toEqual([CALLS[0], 'close(3)']);
    }
  });

  it('is left alone if it needs no filter', () => {
    const listener: PlannedListener = { ...(planInherited('unix-dgram:/x') as UnixListener), tier: 'none' };
    const { phase, results, failure } = adopt({}, listener);
    expect(failure).toBeUndefined();
    expect([...phase('open'), ...phase('settle')]).toEqual([]);
    expect(results('removed')).toEqual([]);
  });

  it('may have a name that text holds in more bytes than an address has', () => {
    const inherited = planInherited('unix-dgram:/x') as UnixListener;
    const socket = { ...inherited.socket, path: `/${'\ufffd'.repeat(107)}` };
    const { failure, phase } = adopt({}, { ...inherited, socket, tier: 'none' });
    expect(failure).toBeUndefined();
    expect(phase('close')).toEqual(['close(3)']);
  });

  it('keeps an empty queue, and is not made non-blocking', () => {
    const { phase, results } = adopt({ answers: { queue: '0:128' } });
    expect(phase('settle')).toEqual(SETTLE.slice(0, 2));
    expect(results('removed')).toEqual([]);
  });

  it('loses as many connections as waited, not those that follow', () => {
    const outcome = adopt({ answers: { queue: '3:128' } });
    expect(outcome.calls.filter((call) => call.startsWith('accept4'))).toHaveLength(3);
    expect(outcome.results('removed')).toEqual(['0 3 2 0']);
  });

  it('loses fewer connections if another process has accepted the rest', () => {
    const outcome = adopt({ answers: { queue: '3:128', accept4: `${-11}` } });
    expect(outcome.failure).toBeUndefined();
    expect(outcome.results('removed')).toEqual([]);
  });

  it('stays as non-blocking as it was', () => {
    const { calls } = adopt({ answers: { fcntl: 0o4000 } });
    expect(calls.filter((call) => call.startsWith('fcntl'))).toEqual(['fcntl(3, F_GETFL)']);
  });

  it('loses its datagrams, but not those of a flood that goes on', () => {
    const endless = adopt({ answers: { recv: 0 } }, UDP);
    expect(removedFrom(endless, UDP)).toEqual([
      `udp [::]:53: discarded ${1 << 22} datagrams that arrived before the filter: their senders are unknown`,
    ]);
    const failing = adopt({ answers: { recv: -1 } }, UDP);
    expect(failing.failure?.message).toBe(
      'unable to empty the queue of udp [::]:53: operation not permitted',
    );
  });

  it('loses datagrams after an ICMP error as well', () => {
    const { failure, results } = adopt({ answers: { recv: '0,-111,0,-11' } }, UDP);
    expect(failure).toBeUndefined();
    expect(results('removed')).toEqual(['0 2 1 0']);
  });

  it('is attached after all others are open, and detached in any case', () => {
    const { calls } = adopt({ answers: { 2: -12 } });
    expect(calls).toEqual([...OPEN, 'close(3)']);
    const closed = adopt();
    expect(closed.phase('close')).toEqual([DETACH, 'close(3)']);
  });
});
