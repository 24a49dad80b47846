import type { Constants, CoreOps, HandoverOptions, Status } from '../../../src/native/index.js';

/** Numbers unlike the kernel's, so that a number written down by hand in src cannot pass. */
export const CONSTANTS: Constants = {
  AF_INET: 102,
  AF_INET6: 110,
  SOCK_STREAM: 201,
  SOCK_DGRAM: 202,
  SOCK_NONBLOCK: 0x8000,
  IPPROTO_IP: 340,
  IPPROTO_TCP: 342,
  IP_TTL: 401,
  IP_MINTTL: 402,
  IPV6_UNICAST_HOPS: 403,
  IPV6_MINHOPCOUNT: 404,
  IPPROTO_IPV6: 341,
  IPV6_V6ONLY: 326,
  SOL_SOCKET: 301,
  SOMAXCONN: 4096,
  SO_ATTACH_BPF: 350,
  SO_LOCK_FILTER: 344,
  SO_ATTACH_FILTER: 351,
  SO_ATTACH_REUSEPORT_CBPF: 352,
  SO_REUSEPORT: 353,
  SO_MEMINFO: 354,
  SK_MEMINFO_DROPS: 8,
  TCP_INFO: 355,
  ACCEPT_QUEUE_LENGTH: 24,
  ACCEPT_QUEUE_MAXIMUM: 28,
  POLLIN: 1,
  EINPROGRESS: 115,
  SO_REUSEADDR: 302,
  CAP_BPF: 39,
  CAP_NET_BIND_SERVICE: 10,
  CAP_SETPCAP: 8,
};

/** A call as text, `bind(7, 16 bytes)`, and the operations that write them down. */
export interface FakeCore {
  readonly core: CoreOps;
  readonly calls: string[];
  /** What handover was given. */
  readonly handovers: HandoverOptions[];
}

/** The descriptor every socket gets. */
export const FAKE_FD = 7;

/**
 * Operations that succeed and are written down.
 *
 * @param answers what to return instead, by the name of the call or, for the n-th call of all, by its number from 1
 */
export function fakeCore(answers: Readonly<Record<string | number, Status>> = {}): FakeCore {
  const calls: string[] = [];
  const handovers: HandoverOptions[] = [];
  const call = (name: string, args: readonly unknown[], fallback: Status = 0): Status => {
    const shown = args.map((arg) => (arg instanceof Uint8Array ? `${arg.length} bytes` : String(arg)));
    calls.push(`${name}(${shown.join(', ')})`);
    return answers[calls.length] ?? answers[name] ?? fallback;
  };
  const core: CoreOps = {
    constants: CONSTANTS,
    socket: (...args) => call('socket', args, FAKE_FD),
    setsockopt: (...args) => call('setsockopt', args),
    getsockopt: (...args) => call('getsockopt', args),
    attachClassic: (...args) => call('attachClassic', args),
    connect: (...args) => call('connect', args),
    poll: (...args) => call('poll', args),
    startKeeper: (...args) => call('startKeeper', args, 99),
    guard: () => call('guard', []),
    bind: (...args) => call('bind', args),
    listen: (...args) => call('listen', args),
    getsockname: (...args) => call('getsockname', args),
    close: (...args) => call('close', args),
    interfaceIndex: (name) => call('interfaceIndex', [name], name === 'lo' ? 1 : -19),
    capset: (...args) => call('capset', args),
    lowerAmbient: (...args) => call('lowerAmbient', args),
    dropBounding: (...args) => call('dropBounding', args),
    probeSocketFilter: () => call('probeSocketFilter', []),
    pidfdId: () => 0n,
    handover: (options) => {
      handovers.push(options);
      return call('handover', []);
    },
  };
  return { core, calls, handovers };
}
