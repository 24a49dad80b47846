import { describe, expect, it } from 'vitest';
import { type InternetListener, makePlan } from '../../../src/plan/index.js';
import { openFake } from '../support/fake-kernel.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

const EADDRINUSE = 98;

function planned(address: string, lock = true): InternetListener {
  const config = configOf({ listeners: [listenerOf(address, 80)], tier: 'steer', lock });
  const [listener] = makePlan(config, { ...filterOf(), policy: ALLOW_ALL }, capabilitiesOf()).listeners;
  return listener as InternetListener;
}

const CREATE = 'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0)';

/** Binds and listens where all peers but the one with the key are dropped. */
const listenShielded = (fd: number) => [
  `setsockopt(${fd}, IPPROTO_IP, IP_MINTTL, 255)`,
  `setsockopt(${fd}, IPPROTO_TCP, TCP_MD5SIG_EXT, 0.0.0.0/0, 32 bytes)`,
  `bind(${fd}, 0.0.0.0:80)`,
  `listen(${fd}, 0)`,
];

/** The calls for an IPv4 listener. @param sink the descriptor of the sink, which the others follow */
const openV4 = (sink = 7) => {
  const [peer, second, listener] = [sink + 1, sink + 2, sink + 3];
  return [
    // The sink: shielded before it is bound, no SO_REUSEPORT until it listens.
    CREATE,
    `setsockopt(${sink}, SOL_SOCKET, SO_REUSEADDR, 1)`,
    ...listenShielded(sink),
    `getsockname(${sink})`,
    // The connection that fills it.
    'socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0)',
    `setsockopt(${peer}, IPPROTO_TCP, TCP_MD5SIG_EXT, 127.0.0.1/32, 32 bytes)`,
    `setsockopt(${peer}, IPPROTO_IP, IP_TTL, 255)`,
    `connect(${peer}, 127.0.0.1:80)`,
    `poll(${sink}, POLLIN, 300)`,
    `getsockopt(${sink}, IPPROTO_TCP, TCP_INFO)`,
    `setsockopt(${sink}, IPPROTO_TCP, TCP_MD5SIG_EXT, 0.0.0.0/0, 0 bytes)`,
    // The group.
    `setsockopt(${sink}, SOL_SOCKET, SO_REUSEPORT, 1)`,
    CREATE,
    `setsockopt(${second}, SOL_SOCKET, SO_REUSEADDR, 1)`,
    `setsockopt(${second}, SOL_SOCKET, SO_REUSEPORT, 1)`,
    ...listenShielded(second),
    `setsockopt(${sink}, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, 5 instructions)`,
    `setsockopt(${sink}, SOL_SOCKET, SO_LOCK_FILTER, 1)`,
    `close(${second})`,
    // The listener, last.
    CREATE,
    `setsockopt(${listener}, SOL_SOCKET, SO_REUSEADDR, 1)`,
    `setsockopt(${listener}, SOL_SOCKET, SO_REUSEPORT, 1)`,
    `setsockopt(${listener}, SOL_SOCKET, SO_LOCK_FILTER, 1)`,
    `bind(${listener}, 0.0.0.0:80)`,
    `listen(${listener}, 4096)`,
  ];
};

const OPEN_V4 = ['getrandom(32 bytes)', ...openV4()];

/** What of the calls opens the listener: the companion comes after it. */
const opening = (calls: readonly string[]) => calls.slice(0, calls.indexOf('pidfd_open(1000)'));

describe('a steered listener', () => {
  it('is opened when everything else is ready', () => {
    const { phase, results, failure } = openFake(planned('0.0.0.0'));
    expect(failure).toBeUndefined();
    expect(opening(phase('open'))).toEqual(OPEN_V4);
    expect(results('socket')).toEqual(['10 7 8']);
    expect(phase('close')).toEqual(['close(10)', 'close(8)', 'close(7)']);
  });

  it('has a sink that is shielded against both families, if it is dual-stack', () => {
    const { calls } = openFake(planned('::'));
    expect(calls.slice(4, 8)).toEqual([
      'setsockopt(7, IPPROTO_IP, IP_MINTTL, 255)',
      'setsockopt(7, IPPROTO_IPV6, IPV6_MINHOPCOUNT, 255)',
      'setsockopt(7, IPPROTO_TCP, TCP_MD5SIG_EXT, ::/0, 32 bytes)',
      'setsockopt(7, IPPROTO_TCP, TCP_MD5SIG_EXT, ::ffff:0.0.0.0/0, 32 bytes)',
    ]);
  });

  it('has a sink that is filled by IPv4 where IPv6 loopback does not answer', () => {
    const { calls, results } = openFake(planned('::'), { answers: { connect: '-99,0' } });
    expect(calls.filter((call) => call.startsWith('connect'))).toEqual([
      'connect(8, [::1]:80)',
      'connect(9, 127.0.0.1:80)',
    ]);
    expect(results('socket')).toEqual(['11 7 9']);
  });

  it('leaves listener and sink unlocked with --no-lock', () => {
    const { calls } = openFake(planned('0.0.0.0', false));
    expect(calls.filter((call) => call.includes('SO_LOCK_FILTER'))).toEqual([]);
  });

  it('keeps signatures on a sink that cannot be filled, and has no peer', () => {
    const { calls, results, failure } = openFake(planned('0.0.0.0'), { answers: { connect: -101 } });
    expect(failure).toBeUndefined();
    expect(results('socket')).toEqual(['10 7 -1']);
    expect(calls).not.toContain('setsockopt(7, IPPROTO_TCP, TCP_MD5SIG_EXT, 0.0.0.0/0, 0 bytes)');
  });

  it('has no peer where the queue of the sink is not full after the connection', () => {
    const { results } = openFake(planned('0.0.0.0'), { answers: { queue: '0:0' } });
    expect(results('socket')).toEqual(['10 7 -1']);
  });

  it('does without signatures where the kernel has none', () => {
    const signatures = OPEN_V4.flatMap((call, i) => (call.includes('MD5SIG') ? [i + 1] : []));
    const answers = Object.fromEntries(signatures.map((n) => [n, -92]));
    const { results, failure } = openFake(planned('0.0.0.0'), { answers });
    expect(signatures).toHaveLength(4);
    expect(failure).toBeUndefined();
    expect(results('socket')).toEqual(['10 7 8']);
  });

  it('waits until the companion of an earlier launch has closed its sink', () => {
    const { phase } = openFake(planned('0.0.0.0'), { answers: { 6: -EADDRINUSE } });
    expect(opening(phase('open'))).toEqual([
      ...OPEN_V4.slice(0, 6),
      'close(7)',
      'nanosleep(5 ms)',
      ...openV4(8),
    ]);
  });

  it('fails if an address stays in use', () => {
    const { calls, failure, results } = openFake(planned('0.0.0.0'), { answers: { bind: -EADDRINUSE } });
    expect(failure).toMatchObject({
      code: 'ALF_SOCKET',
      errno: 'EADDRINUSE',
      hint: 'another socket has this port; see: ss -lnp',
    });
    const count = (call: string) => calls.filter((each) => each.startsWith(call)).length;
    expect([count('bind'), count('close')]).toEqual([8, 8]);
    expect(results('left')).toEqual([]);
  });

  it('closes all it has opened, whatever call fails', () => {
    const withoutConsequence = /MD5SIG|close|IP_TTL|NONBLOCK|connect|poll/;
    for (let n = 1; n <= OPEN_V4.length; n++) {
      const { failure, results } = openFake(planned('0.0.0.0'), { answers: { [n]: -5 } });
      const fails = withoutConsequence.test(OPEN_V4[n - 1] ?? '')
        ? undefined
        : { code: 'ALF_SOCKET', errno: 'EIO' };
      expect({ n, failure, left: results('left') }).toMatchObject({ n, failure: fails, left: [] });
    }
  });

  it('names the socket that could not be created', () => {
    const messageOf = (n: number) => openFake(planned('0.0.0.0'), { answers: { [n]: -24 } }).failure?.message;
    const sockets = OPEN_V4.flatMap((call, i) => (call === CREATE ? [i + 1] : []));
    expect(sockets.map(messageOf)).toEqual([
      'unable to create a socket for the sink of tcp 0.0.0.0:80: too many open files',
      'unable to create a socket for the second socket of tcp 0.0.0.0:80: too many open files',
      'unable to create a socket for tcp 0.0.0.0:80: too many open files',
    ]);
  });
});
