import { describe, expect, it } from 'vitest';
import { parseListenSpec } from '../../../src/net/index.js';
import { makePlan, type PlannedListener } from '../../../src/plan/index.js';
import { adoptListener, attachEbpf } from '../../../src/socket/index.js';
import { parseTable } from '../../../src/socket/queue.js';
import { failureOf } from '../support/failure.js';
import { CONSTANTS, fakeCore } from '../support/fake-core.js';
import { configOf, factsOf, filterOf } from '../support/plans.js';

function planned(spec: string): PlannedListener {
  const facts = factsOf({ inherited: [{ name: 'web', spec: parseListenSpec(spec) }] });
  const [listener] = makePlan(configOf({ listeners: [] }), filterOf(), facts).listeners;
  return listener as PlannedListener;
}

const TCP = planned('127.0.0.1:80');

/** Answers under which one connection waits and can be turned away. */
const WAITING = { resetWaiting: 0, discardDatagram: -CONSTANTS.EAGAIN };

const CALLS = [
  `getsockopt(3, ${CONSTANTS.SOL_SOCKET}, ${CONSTANTS.SO_ATTACH_FILTER})`,
  `setsockopt(3, ${CONSTANTS.SOL_SOCKET}, ${CONSTANTS.SO_ATTACH_BPF}, 11)`,
  `setsockopt(3, ${CONSTANTS.SOL_SOCKET}, ${CONSTANTS.SO_LOCK_FILTER}, 1)`,
  `getsockopt(3, ${CONSTANTS.IPPROTO_TCP}, ${CONSTANTS.TCP_INFO})`,
  `getsockopt(3, ${CONSTANTS.IPPROTO_TCP}, ${CONSTANTS.TCP_INFO})`,
  'resetWaiting(3, 128 bytes)',
];

const adopt = (core: ReturnType<typeof fakeCore>['core'], plan = TCP) =>
  adoptListener(core, plan, attachEbpf(core, plan, 11), undefined);

describe('a listener that was passed in', () => {
  it('is looked at, filtered, locked, and its queue emptied, in this order', () => {
    const { core, calls } = fakeCore(WAITING);
    const { listener, turnedAway } = adopt(core);
    expect(calls).toEqual(CALLS);
    expect({ fd: listener.fd, turnedAway }).toEqual({ fd: 3, turnedAway: 1 });
  });

  it.each([
    [1, 'look for a filter on tcp 127.0.0.1:80'],
    [2, 'attach the filter to tcp 127.0.0.1:80'],
    [3, 'lock the filter of tcp 127.0.0.1:80'],
    [4, 'look at the queue of tcp 127.0.0.1:80'],
    [5, 'look at the queue of tcp 127.0.0.1:80'],
    [6, 'turn a connection on tcp 127.0.0.1:80 away'],
  ])('is closed if call %i fails: unable to %s', (n, what) => {
    const { core, calls } = fakeCore({ ...WAITING, [n]: -1 });
    expect(failureOf(() => adopt(core))).toMatchObject({
      code: 'ALF_SOCKET',
      message: `unable to ${what}: operation not permitted`,
    });
    expect(calls).toEqual([...CALLS.slice(0, n), 'close(3)']);
  });

  it('is refused with a filter of somebody else, classic or not', () => {
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
    expect(adoptListener(core, planned('udp:1'), undefined, undefined).turnedAway).toBe(0);
    expect(calls).toEqual([]);
  });

  it('loses its datagrams, not those of a flood that goes on', () => {
    const endless = fakeCore({ discardDatagram: 0 });
    expect(adopt(endless.core, planned('udp:53')).turnedAway).toBe(1 << 20);
    const failing = fakeCore({ discardDatagram: -1 });
    expect(failureOf(() => adopt(failing.core, planned('udp:53'))).message).toBe(
      'unable to empty the queue of udp [::]:53: operation not permitted',
    );
  });
});

describe('the table of connections', () => {
  const HEAD =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const row = (local: string, remote: string, state: string, inode: number) =>
    `   1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 20 4 0 10 -1`;

  it('has both ends, state and inode', () => {
    const text = [
      HEAD,
      row('0100007F:1092', '00000000:0000', '0A', 4711),
      row('0100007F:1092', '0200007F:C350', '01', 0),
      '',
    ].join('\n');
    const to = { address: { family: 4, bytes: [127, 0, 0, 1], zone: '' }, port: 4242 };
    expect(parseTable(text)).toEqual([
      {
        from: { address: { family: 4, bytes: [0, 0, 0, 0], zone: '' }, port: 0 },
        to,
        state: '0A',
        inode: '4711',
      },
      {
        from: { address: { family: 4, bytes: [127, 0, 0, 2], zone: '' }, port: 50000 },
        ...{ to, state: '01', inode: '0' },
      },
    ]);
  });

  it('has IPv6 in words', () => {
    const local = 'B80D0120000000000000000001000000:0050';
    const [connection] = parseTable(
      `${HEAD}\n${row(local, '0000000000000000FFFF00000100007F:0051', '01', 0)}`,
    );
    expect(connection?.to.address.bytes).toEqual([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(connection?.from.address.bytes.slice(10)).toEqual([255, 255, 127, 0, 0, 1]);
  });
});
