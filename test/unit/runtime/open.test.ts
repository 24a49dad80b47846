import { describe, expect, it } from 'vitest';
import { type InternetListener, makePlan } from '../../../src/plan/index.js';
import { openFake } from '../support/fake-kernel.js';
import { capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

function planned(address: string, port: number, type: 'stream' | 'datagram', lock = true): InternetListener {
  const config = configOf({ listeners: [listenerOf(address, port, type)], lock });
  const [listener] = makePlan(config, filterOf(), capabilitiesOf()).listeners;
  return listener as InternetListener;
}

const TCP6 = planned('::', 4242, 'stream');

const TCP6_CALLS = [
  'socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, 0)',
  'setsockopt(7, SOL_SOCKET, SO_REUSEADDR, 1)',
  'setsockopt(7, IPPROTO_IPV6, IPV6_V6ONLY, 0)',
  'setsockopt(7, SOL_SOCKET, SO_ATTACH_BPF, 11)',
  'setsockopt(7, SOL_SOCKET, SO_LOCK_FILTER, 1)',
  'bind(7, [::]:4242)',
  'listen(7, 4096)',
  'getsockname(7)',
];

describe('a listener is filtered and locked before it is bound', () => {
  it.each([
    ['tcp on IPv6', TCP6, TCP6_CALLS],
    [
      'tcp on IPv4',
      planned('127.0.0.1', 80, 'stream'),
      [
        'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)',
        'setsockopt(7, SOL_SOCKET, SO_REUSEADDR, 1)',
        'setsockopt(7, SOL_SOCKET, SO_ATTACH_BPF, 11)',
        'setsockopt(7, SOL_SOCKET, SO_LOCK_FILTER, 1)',
        'bind(7, 127.0.0.1:80)',
        'listen(7, 4096)',
        'getsockname(7)',
      ],
    ],
    [
      'udp on IPv4, which does not listen',
      planned('127.0.0.1', 80, 'datagram'),
      [
        'socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)',
        'setsockopt(7, SOL_SOCKET, SO_ATTACH_BPF, 11)',
        'setsockopt(7, SOL_SOCKET, SO_LOCK_FILTER, 1)',
        'bind(7, 127.0.0.1:80)',
        'getsockname(7)',
      ],
    ],
    [
      'udp on IPv6 without a lock',
      planned('::', 53, 'datagram', false),
      [
        'socket(AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, 0)',
        'setsockopt(7, IPPROTO_IPV6, IPV6_V6ONLY, 0)',
        'setsockopt(7, SOL_SOCKET, SO_ATTACH_BPF, 11)',
        'bind(7, [::]:53)',
        'getsockname(7)',
      ],
    ],
  ])('%s', (_, listener, expected) => {
    const outcome = openFake(listener);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.phase('open')).toEqual(expected);
    expect(outcome.results('socket')).toEqual(['7 -1 -1']);
    expect(outcome.phase('close')).toEqual(['close(7)']);
  });

  it('with the program of tier classic, and options that are text', () => {
    const config = configOf({
      listeners: [listenerOf('127.0.0.1', 80)],
      socketOptions: { 'bind-to-device': 'eth0' },
      tier: 'classic',
    });
    const filter = { ...filterOf(), policy: { rules: [], default: 'allow' } as const };
    const [listener] = makePlan(config, filter, capabilitiesOf()).listeners;
    expect(
      openFake(listener as InternetListener)
        .phase('open')
        .slice(1, 5),
    ).toEqual([
      'setsockopt(7, SOL_SOCKET, SO_REUSEADDR, 1)',
      'setsockopt(7, SOL_SOCKET, SO_BINDTODEVICE, "eth0")',
      'setsockopt(7, SOL_SOCKET, SO_ATTACH_FILTER, 5 instructions)',
      'setsockopt(7, SOL_SOCKET, SO_LOCK_FILTER, 1)',
    ]);
  });
});

describe('a listener is closed if a call fails', () => {
  it.each(
    [
      'create a socket for tcp [::]:4242',
      'set SO_REUSEADDR on tcp [::]:4242',
      'set IPV6_V6ONLY on tcp [::]:4242',
      'attach the filter to tcp [::]:4242',
      'lock the filter of tcp [::]:4242',
      'bind tcp [::]:4242',
      'listen on tcp [::]:4242',
      'ask for the address of tcp [::]:4242',
    ].map((what, i) => [i + 1, what] as const),
  )('call %i: unable to %s', (n, what) => {
    const { calls, failure, results } = openFake(TCP6, { answers: { [n]: -1 } });
    expect(failure).toMatchObject({
      code: 'ALF_SOCKET',
      message: `unable to ${what}: operation not permitted`,
      errno: 'EPERM',
    });
    expect(calls).toEqual([...TCP6_CALLS.slice(0, n), ...(n === 1 ? [] : ['close(7)'])]);
    expect(results('left')).toEqual([]);
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
    expect(openFake(TCP6, { answers: { [n]: status } }).failure?.hint).toBe(hint);
  });

  it('and says whose address it could not ask for', () => {
    expect(openFake(TCP6, { answers: { getsockname: -9 } }).failure).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to ask for the address of tcp [::]:4242: bad file descriptor',
      errno: 'EBADF',
    });
  });
});

describe('a plan that is damaged', () => {
  it('is refused before anything is done', () => {
    const { calls, failure } = openFake({ ...TCP6, fd: 9 });
    expect(calls).toEqual([]);
    expect(failure).toEqual({ code: 'ALF_NATIVE', message: 'unable to decode the plan: it is damaged' });
  });
});
