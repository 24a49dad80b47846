import { describe, expect, it } from 'vitest';
import { formatEndpoint } from '../../../src/net/index.js';
import { type InternetListener, makePlan } from '../../../src/plan/index.js';
import { attachEbpf, boundEndpoint, openListener } from '../../../src/socket/index.js';
import { failureOf } from '../support/failure.js';
import { FAKE_FD, fakeCore } from '../support/fake-core.js';
import { capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

function planned(address: string, port: number, type: 'stream' | 'datagram', lock = true): InternetListener {
  const config = configOf({ listeners: [listenerOf(address, port, type)], lock });
  const [listener] = makePlan(config, filterOf(), capabilitiesOf()).listeners;
  return listener as InternetListener;
}

const TCP6 = planned('::', 4242, 'stream');

const TCP6_CALLS = [
  'socket(110, 201, 0)',
  'setsockopt(7, 301, 302, 1)',
  'setsockopt(7, 341, 326, 0)',
  'setsockopt(7, 301, 350, 11)',
  'setsockopt(7, 301, 344, 1)',
  'bind(7, 28 bytes)',
  'listen(7, 4096)',
];

describe('openListener attaches and locks before it binds', () => {
  it.each([
    ['tcp on IPv6', TCP6, TCP6_CALLS],
    [
      'tcp on IPv4',
      planned('127.0.0.1', 80, 'stream'),
      [
        'socket(102, 201, 0)',
        'setsockopt(7, 301, 302, 1)',
        'setsockopt(7, 301, 350, 11)',
        'setsockopt(7, 301, 344, 1)',
        'bind(7, 16 bytes)',
        'listen(7, 4096)',
      ],
    ],
    [
      'udp on IPv4, which does not listen',
      planned('127.0.0.1', 80, 'datagram'),
      [
        'socket(102, 202, 0)',
        'setsockopt(7, 301, 350, 11)',
        'setsockopt(7, 301, 344, 1)',
        'bind(7, 16 bytes)',
      ],
    ],
    [
      'udp on IPv6 without a lock',
      planned('::', 53, 'datagram', false),
      [
        'socket(110, 202, 0)',
        'setsockopt(7, 341, 326, 0)',
        'setsockopt(7, 301, 350, 11)',
        'bind(7, 28 bytes)',
      ],
    ],
  ])('%s', (_, plan, expected) => {
    const { core, calls } = fakeCore();
    expect(openListener(core, plan, attachEbpf(core, plan, 11)).listener.fd).toBe(FAKE_FD);
    expect(calls).toEqual(expected);
  });
});

describe('openListener closes what it opened if a call fails', () => {
  it.each(
    [
      'create a socket for tcp [::]:4242',
      'set SO_REUSEADDR on tcp [::]:4242',
      'set IPV6_V6ONLY on tcp [::]:4242',
      'attach the filter to tcp [::]:4242',
      'lock the filter of tcp [::]:4242',
      'bind tcp [::]:4242',
      'listen on tcp [::]:4242',
    ].map((what, i) => [i + 1, what] as const),
  )('call %i: unable to %s', (n, what) => {
    const { core, calls } = fakeCore({ [n]: -1 });
    expect(failureOf(() => openListener(core, TCP6, attachEbpf(core, TCP6, 11)))).toMatchObject({
      code: 'ALF_SOCKET',
      message: `unable to ${what}: operation not permitted`,
      errno: 'EPERM',
    });
    expect(calls).toEqual([...TCP6_CALLS.slice(0, n), ...(n === 1 ? [] : ['close(7)'])]);
  });

  it.each([
    [1, -97, 'the kernel has no such addresses: listen on IPv4 (0.0.0.0) in place of IPv6, or the other way'],
    [1, -24, 'the limit on open files is reached; see: ulimit -n'],
    [4, -12, 'the filter is larger than sysctl net.core.optmem_max allows'],
    [6, -98, 'another socket has this port; see: ss -lnp'],
    [6, -99, 'no interface of this machine has this address; see: ip address'],
    [
      6,
      -13,
      'ports below 1024 need CAP_NET_BIND_SERVICE or a lower sysctl net.ipv4.ip_unprivileged_port_start',
    ],
    [6, -22, 'a link-local address needs its interface: fe80::1%eth0'],
    [6, -5, undefined],
    [7, -98, 'another socket listens on this port; see: ss -lntp'],
  ])('call %i, status %i: hint %s', (n, status, hint) => {
    const { core } = fakeCore({ [n]: status });
    expect(failureOf(() => openListener(core, TCP6, attachEbpf(core, TCP6, 11))).hint).toBe(hint);
  });
});

describe('boundEndpoint', () => {
  it('is the planned one where the kernel answers in another family', () => {
    expect(formatEndpoint(boundEndpoint(fakeCore({ getsockname: 110 }).core, TCP6, 7))).toBe('[::]:4242');
  });

  it('says whose address it could not ask for', () => {
    expect(failureOf(() => boundEndpoint(fakeCore({ getsockname: -9 }).core, TCP6, 7))).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to ask for the address of tcp [::]:4242: bad file descriptor',
      errno: 'EBADF',
    });
  });
});
