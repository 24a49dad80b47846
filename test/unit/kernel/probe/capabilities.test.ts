import { expect, it } from 'vitest';
import { gatherCapabilities } from '../../../../src/kernel/probe/index.js';
import { fakeCore } from '../../support/fake-core.js';

it('gathers capabilities with one harmless call, and one for each interface', () => {
  const { core, calls } = fakeCore();
  const ops = { core, bpf: () => expect.unreachable(), bcc: () => expect.unreachable() };
  const capabilities = gatherCapabilities(ops, { interfaces: ['lo', 'eth9'] });
  expect(capabilities.capabilityNumbers).toEqual({
    CAP_BPF: 39,
    CAP_NET_ADMIN: 12,
    CAP_NET_BIND_SERVICE: 10,
    CAP_NET_RAW: 13,
    CAP_PERFMON: 38,
    CAP_SETGID: 6,
    CAP_SETPCAP: 8,
    CAP_SETUID: 7,
    CAP_SYS_ADMIN: 21,
    CAP_SYS_PTRACE: 19,
  });
  expect(capabilities.tiers.ebpf).toEqual({ works: true });
  expect([...capabilities.interfaces]).toEqual([['lo', { index: 1, name: 'lo', master: undefined }]]);
  const asked = ['lo', 'eth9'].flatMap((name) => [`link(${name})`, `interfaceIndex(${name})`]);
  expect(calls).toEqual(['probe()', ...asked]);
});

it.each([
  [0, true],
  [-97, false],
  [-24, true],
])('a socket of IPv6 that gives %i says that there is IPv6: %s', (ipv6, expected) => {
  const { core } = fakeCore({}, { probe: { ipv6 } });
  const ops = { core, bpf: () => expect.unreachable(), bcc: () => expect.unreachable() };
  expect(gatherCapabilities(ops).hasIpv6).toBe(expected);
});
