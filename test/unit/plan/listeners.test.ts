import { describe, expect, it } from 'vitest';
import { makePlan } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { capabilitiesOf, configOf, filterOf, listenerOf, NO, NOBODY, YES } from '../support/plans.js';

const plan = (listener = listenerOf(), capabilities = capabilitiesOf()) =>
  makePlan(configOf({ listeners: [listener] }), filterOf(), capabilities).listeners[0];

const REUSE = { level: 'SOL_SOCKET', name: 'SO_REUSEADDR', value: 1 };
const DUAL = { level: 'IPPROTO_IPV6', name: 'IPV6_V6ONLY', value: 0 };

describe('a planned listener', () => {
  it.each([
    ['stream', '::', 4242, 'tcp [::]:4242', [REUSE, DUAL], 'tcp-4242'],
    ['stream', '127.0.0.1', 80, 'tcp 127.0.0.1:80', [REUSE], 'tcp-80'],
    ['datagram', '::', 53, 'udp [::]:53', [DUAL], 'udp-53'],
    ['datagram', '0.0.0.0', 0, 'udp 0.0.0.0:0', [], 'udp-0'],
  ] as const)('%s on %s port %i', (type, address, port, label, options, fdname) => {
    expect(plan(listenerOf(address, port, type))).toEqual({
      label,
      socket: listenerOf(address, port, type),
      scopeId: 0,
      options,
      tier: 'ebpf',
      lock: true,
      fd: 3,
      fdname,
    });
  });

  it('gets descriptors in order, and no lock where none is wanted', () => {
    const config = configOf({ listeners: [listenerOf('::', 1), listenerOf('::', 2)], lock: false });
    const { listeners } = makePlan(config, filterOf(), capabilitiesOf());
    expect(listeners.map(({ fd, fdname, lock }) => [fd, fdname, lock])).toEqual([
      [3, 'tcp-1', false],
      [4, 'tcp-2', false],
    ]);
  });

  it.each([
    ['fe80::1%eth0', 2],
    ['fe80::1%7', 7],
    ['fe80::1', 0],
  ])('%s has scope %i', (address, scopeId) => {
    expect(plan(listenerOf(address))).toMatchObject({ scopeId });
  });

  it.each(['eth9', '1e1', '-1', '12345678901'])('is refused in zone %s', (zone) => {
    expect(failureOf(() => plan(listenerOf(`fe80::1%${zone}`)))).toEqual({
      code: 'ALF_ADDRESS',
      message: `no such network interface: ${zone}`,
      hint: 'see: ip link show',
    });
  });

  const BPF = 1n << 39n;

  it.each([
    [
      'who could have it',
      { bounding: BPF },
      'it needs CAP_BPF: run as root, set AmbientCapabilities=CAP_BPF in ',
    ],
    [
      'who cannot get it',
      {},
      'it needs CAP_BPF: the bounding set has none, so it has to be lent from outside: ',
    ],
    ['who has it', { bounding: BPF, effective: BPF }, 'CAP_BPF is in effect: seccomp, a user namespace or '],
  ])('is refused where its filter cannot be enforced, with a hint for one %s', (_, sets, hint) => {
    const capabilities = capabilitiesOf({
      tiers: { ebpf: NO, classic: { tcp: YES, udp: YES }, steer: YES },
      credentials: { ...NOBODY, ...sets },
    });
    expect(failureOf(() => plan(listenerOf(), capabilities))).toEqual({
      code: 'ALF_TIER',
      message:
        'unable to enforce a filter on tcp [::]:4242: loading eBPF is refused: operation not permitted',
      errno: 'EPERM',
      hint: expect.stringContaining(hint),
    });
  });
});
