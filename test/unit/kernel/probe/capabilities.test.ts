import { describe, expect, it } from 'vitest';
import { gatherCapabilities, probeEbpf } from '../../../../src/kernel/probe/index.js';
import { fakeCore } from '../../support/fake-core.js';

describe('probeEbpf', () => {
  it.each([
    [0, { works: true }],
    [3, { works: true }],
    [-1, { works: false, errno: 'EPERM', reason: 'operation not permitted' }],
    [-38, { works: false, errno: 'ENOSYS', reason: 'function not implemented' }],
    [-524, { works: false, errno: 'errno 524', reason: 'unknown error' }],
  ])('makes of status %i what it means', (status, expected) => {
    expect(probeEbpf(fakeCore({ probeSocketFilter: status }).core)).toEqual(expected);
  });
});

it('gathers capabilities with two harmless calls', () => {
  const { core, calls } = fakeCore();
  const capabilities = gatherCapabilities({
    core,
    bpf: () => expect.unreachable(),
    bcc: () => expect.unreachable(),
  });
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
  });
  expect(capabilities.tiers.ebpf).toEqual({ works: true });
  expect([capabilities.findInterface('lo')?.index, capabilities.findInterface('eth9')?.index]).toEqual([
    1,
    undefined,
  ]);
  const asked = ['lo', 'eth9'].flatMap((name) => [`link(${name})`, `interfaceIndex(${name})`]);
  expect(calls).toEqual(['probeSocketFilter()', ...asked]);
});

it.each([
  [3, true, ['socket(110, 201, 0)', 'close(3)']],
  [-97, false, ['socket(110, 201, 0)']],
  [-24, true, ['socket(110, 201, 0)']],
])('a socket of IPv6 that gives %i says that there is IPv6: %s', (socket, expected, asked) => {
  const { core, calls } = fakeCore({ socket });
  const capabilities = gatherCapabilities({
    core,
    bpf: () => expect.unreachable(),
    bcc: () => expect.unreachable(),
  });
  calls.length = 0;
  expect(capabilities.hasIpv6()).toBe(expected);
  expect(calls).toEqual(asked);
});
