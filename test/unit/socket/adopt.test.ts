import { describe, expect, it } from 'vitest';
import type { PlannedListener, UnixListener } from '../../../src/plan/index.js';
import { adoptListener, attachEbpf, drainBacklogs } from '../../../src/socket/index.js';
import { planInherited } from '../support/adopted.js';
import { failureOf } from '../support/failure.js';
import { CONSTANTS, fakeCore } from '../support/fake-core.js';

const TCP = planInherited('127.0.0.1:80');

/** Answers under which one connection waits and can be reset. */
const WAITING = { resetWaiting: 0, discardDatagram: -CONSTANTS.EAGAIN };

const CALLS = [
  `getsockopt(3, ${CONSTANTS.SOL_SOCKET}, ${CONSTANTS.SO_ATTACH_FILTER})`,
  `setsockopt(3, ${CONSTANTS.SOL_SOCKET}, ${CONSTANTS.SO_ATTACH_BPF}, 11)`,
  'awaitGracePeriod()',
  `getsockopt(3, ${CONSTANTS.IPPROTO_TCP}, ${CONSTANTS.TCP_INFO})`,
  'resetWaiting(3, 128 bytes)',
];

/** Takes a listener over, and closes what was opened if that fails, as a launch does. */
function adopt(core: ReturnType<typeof fakeCore>['core'], plan = TCP) {
  const adopted = adoptListener(core, plan, attachEbpf(core, plan, 11));
  let attached = { close: () => {} };
  try {
    attached = adopted.attach();
    return drainBacklogs(core, [adopted], undefined);
  } catch (error) {
    attached.close();
    adopted.close();
    throw error;
  }
}

describe('a listener that was passed in', () => {
  it('is looked at, filtered, and its backlog removed, in this order; the lock is left to the handover', () => {
    const { core, calls } = fakeCore(WAITING);
    expect(adopt(core)).toEqual([
      { plan: TCP, count: 1, reason: 'only the filter can say whether they are allowed' },
    ]);
    expect(calls).toEqual(CALLS);
  });

  it.each([
    [1, 'look for a filter on tcp 127.0.0.1:80'],
    [2, 'attach the filter to tcp 127.0.0.1:80'],
    [3, 'wait for the filter of tcp 127.0.0.1:80 (membarrier)'],
    [4, 'look at the queue of tcp 127.0.0.1:80'],
    [5, 'reset a connection on tcp 127.0.0.1:80'],
  ])('is left without a filter if call %i fails: unable to %s', (n, what) => {
    const { core, calls } = fakeCore({ ...WAITING, [n]: -1 });
    expect(failureOf(() => adopt(core))).toMatchObject({
      code: 'ALF_SOCKET',
      message: `unable to ${what}: operation not permitted`,
    });
    const detached =
      n > 2 ? [`setsockopt(3, ${CONSTANTS.SOL_SOCKET}, ${CONSTANTS.SO_DETACH_FILTER}, 0)`] : [];
    expect(calls).toEqual([...CALLS.slice(0, n), ...detached, 'close(3)']);
  });

  it('is refused with a filter that is not ours, classic or not', () => {
    for (const status of [1, -CONSTANTS.EACCES]) {
      const { core, calls } = fakeCore({ 1: status });
      expect(failureOf(() => adopt(core))).toMatchObject({
        code: 'ALF_SOCKET',
        message: 'unable to filter tcp 127.0.0.1:80: it was passed in with a filter',
      });
      expect(calls).toEqual([CALLS[0], 'close(3)']);
    }
  });

  it('is left alone if it needs no filter', () => {
    const { core, calls } = fakeCore();
    const plan: PlannedListener = { ...(planInherited('unix-dgram:/x') as UnixListener), tier: 'none' };
    const adopted = adoptListener(core, plan, undefined);
    adopted.attach().close();
    expect(drainBacklogs(core, [adopted], undefined)).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('loses its datagrams, but not those of a flood that goes on', () => {
    const endless = fakeCore({ discardDatagram: 0 });
    expect(adopt(endless.core, planInherited('udp:53'))).toMatchObject([{ count: 1 << 22 }]);
    const failing = fakeCore({ discardDatagram: -1 });
    expect(failureOf(() => adopt(failing.core, planInherited('udp:53'))).message).toBe(
      'unable to empty the queue of udp [::]:53: operation not permitted',
    );
  });
});
