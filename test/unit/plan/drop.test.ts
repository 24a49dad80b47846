import { describe, expect, it } from 'vitest';
import { type Credentials, makePlan } from '../../../src/plan/index.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, listenerOf, NOBODY } from '../support/plans.js';

const [SETPCAP, NET_BIND, PERFMON, BPF] = [1n << 8n, 1n << 10n, 1n << 38n, 1n << 39n];

const drop = (credentials: Partial<Credentials>, port = 4242) =>
  makePlan(
    configOf({ listeners: [listenerOf('::', port)] }),
    filterOf(),
    capabilitiesOf({ credentials: { ...NOBODY, ...credentials } }),
  ).drop;

describe('capabilities to drop', () => {
  it.each([
    ['nobody has none', {}, 4242, []],
    ['an ambient CAP_BPF', { ambient: BPF, effective: BPF }, 4242, ['CAP_BPF']],
    ['an ambient CAP_PERFMON too', { ambient: BPF | PERFMON }, 4242, ['CAP_BPF', 'CAP_PERFMON']],
    ['one that is not ambient stays', { effective: BPF, permitted: BPF, inheritable: BPF }, 4242, []],
    ['others are not ours', { ambient: 1n << 12n }, 4242, []],
    ['one that was of no use stays', { ambient: BPF | NET_BIND }, 1024, ['CAP_BPF']],
    ['a port that needs it', { ambient: BPF | NET_BIND }, 1023, ['CAP_BPF', 'CAP_NET_BIND_SERVICE']],
    ['port 1', { ambient: NET_BIND }, 1, ['CAP_NET_BIND_SERVICE']],
    ['port 0 needs none', { ambient: NET_BIND }, 0, []],
    ['root keeps all', { uid: 0, ambient: BPF | NET_BIND, effective: BPF | SETPCAP }, 80, []],
  ] as const)('%s', (_, credentials, port, expected) => {
    expect(drop(credentials, port)).toEqual({ capabilities: expected, bounding: false });
  });

  it.each([
    ['with CAP_SETPCAP', { ambient: BPF, effective: BPF | SETPCAP }, true],
    ['not with a CAP_SETPCAP that is only permitted', { ambient: BPF, permitted: SETPCAP }, false],
    ['not if there is nothing to drop', { effective: SETPCAP }, false],
  ])('from the bounding set: %s', (_, credentials, expected) => {
    expect(drop(credentials).bounding).toBe(expected);
  });

  it.each([
    ['was needed for classic on TCP', 'classic', 'stream', ['CAP_NET_ADMIN']],
    ['was of no use on UDP', 'classic', 'datagram', []],
    ['was of no use for steering', 'steer', 'stream', []],
  ] as const)('CAP_NET_ADMIN if it %s', (_, tier, type, expected) => {
    const config = configOf({ listeners: [listenerOf('::', 4242, type)], tier });
    const filter = { ...filterOf(), policy: ALLOW_ALL };
    const capabilities = capabilitiesOf({ credentials: { ...NOBODY, ambient: 1n << 12n } });
    expect(makePlan(config, filter, capabilities).drop.capabilities).toEqual(expected);
  });
});
