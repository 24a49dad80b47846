import type { Constants, CoreOps, HandoverOptions, Status } from '../../../src/kernel/index.js';

/** Numbers unlike the kernel's, so that a number written down by hand in src cannot pass. */
export const CONSTANTS: Constants = {
  AF_INET: 102,
  AF_INET6: 110,
  AF_UNIX: 101,
  SOCK_STREAM: 201,
  SOCK_DGRAM: 202,
  SOCK_SEQPACKET: 205,
  SOCK_NONBLOCK: 4096,
  IPPROTO_IP: 300,
  IPPROTO_IPV6: 341,
  IPPROTO_TCP: 306,
  IPPROTO_UDP: 705,
  IP_TTL: 322,
  IP_MINTTL: 321,
  IPV6_UNICAST_HOPS: 316,
  IPV6_MINHOPCOUNT: 373,
  IPV6_V6ONLY: 326,
  IP_FREEBIND: 601,
  IP_PKTINFO: 602,
  IP_TOS: 603,
  IP_TRANSPARENT: 604,
  IPV6_FREEBIND: 605,
  IPV6_RECVPKTINFO: 606,
  IPV6_TCLASS: 607,
  IPV6_TRANSPARENT: 608,
  SOL_SOCKET: 301,
  SOMAXCONN: 4096,
  SO_ATTACH_BPF: 350,
  SO_ATTACH_FILTER: 351,
  SO_ATTACH_REUSEPORT_CBPF: 352,
  SO_DETACH_FILTER: 343,
  SO_LOCK_FILTER: 344,
  SO_COOKIE: 345,
  SO_REUSEADDR: 302,
  SO_ACCEPTCONN: 701,
  SO_DOMAIN: 702,
  SO_PROTOCOL: 703,
  SO_TYPE: 704,
  SO_REUSEPORT: 315,
  SO_BINDTODEVICE: 609,
  SO_BROADCAST: 610,
  SO_KEEPALIVE: 611,
  SO_MARK: 612,
  SO_PASSCRED: 613,
  SO_PASSSEC: 614,
  SO_PRIORITY: 615,
  SO_RCVBUF: 616,
  SO_RCVBUFFORCE: 617,
  SO_SNDBUF: 618,
  SO_SNDBUFFORCE: 619,
  SO_TIMESTAMP: 620,
  SO_TIMESTAMPNS: 621,
  TCP_LISTEN: 310,
  TCP_INFO: 311,
  TCP_CONGESTION: 622,
  TCP_DEFER_ACCEPT: 623,
  TCP_KEEPCNT: 624,
  TCP_KEEPIDLE: 625,
  TCP_KEEPINTVL: 626,
  TCP_NODELAY: 627,
  ACCEPT_QUEUE_LENGTH: 8,
  ACCEPT_QUEUE_MAXIMUM: 12,
  POLLIN: 64,
  EINPROGRESS: 415,
  EADDRINUSE: 498,
  EAFNOSUPPORT: 97,
  EACCES: 706,
  EAGAIN: 707,
  ENODEV: 719,
  ECONNREFUSED: 411,
  EPROTOTYPE: 491,
  CAP_BPF: 39,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_RAW: 13,
  CAP_PERFMON: 38,
  CAP_NET_ADMIN: 12,
  CAP_SETGID: 6,
  CAP_SETPCAP: 8,
  CAP_SETUID: 7,
  CAP_SYS_ADMIN: 21,
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
    setsockoptText: (...args) => call('setsockoptText', args),
    getsockopt: (fd, level, name, into) => {
      const status = call('getsockopt', [fd, level, name]);
      // Whatever is asked for a queue: one connection waits, none may.
      if (status >= 0) new Uint32Array(into.buffer)[CONSTANTS.ACCEPT_QUEUE_LENGTH / 4] = 1;
      return status;
    },
    attachClassic: (...args) => call('attachClassic', args),
    md5Key: (...args) => call('md5Key', args),
    bind: (...args) => call('bind', args),
    bindFile: (...args) => call('bindFile', args),
    unlink: (...args) => call('unlink', args),
    listen: (...args) => call('listen', args),
    connect: (...args) => call('connect', args),
    poll: (...args) => call('poll', args, CONSTANTS.POLLIN),
    getsockname: (...args) => call('getsockname', args),
    resetWaiting: (...args) => call('resetWaiting', args, -CONSTANTS.EAGAIN),
    discardDatagram: (...args) => call('discardDatagram', args, -CONSTANTS.EAGAIN),
    random: (into) => call('random', [into], into.length),
    close: (...args) => call('close', args),
    interfaceIndex: (name) => call('interfaceIndex', [name], name === 'lo' ? 1 : -19),
    link: (key) => call('link', [key], -95),
    capset: (...args) => call('capset', args),
    lowerAmbient: (...args) => call('lowerAmbient', args),
    dropBounding: (...args) => call('dropBounding', args),
    user: (...args) => call('user', args),
    group: (...args) => call('group', args),
    groupsOf: (_, gid) => [gid],
    setgroups: (...args) => call('setgroups', args),
    setgid: (...args) => call('setgid', args),
    setuid: (...args) => call('setuid', args),
    chdir: (...args) => call('chdir', args),
    umask: (...args) => call('umask', args),
    noNewPrivs: () => call('noNewPrivs', []),
    tcpSockets: (...args) => call('tcpSockets', args, -CONSTANTS.EACCES),
    awaitGracePeriod: () => call('awaitGracePeriod', []),
    probeSocketFilter: () => call('probeSocketFilter', []),
    startCompanion: (program, groups, uid) =>
      call('startCompanion', [program, JSON.stringify(groups), uid], 77),
    guard: () => call('guard', []),
    tryGuard: () => call('tryGuard', []),
    pidfdId: () => 0n,
    exit: (status) => {
      throw new Error(`the process would have ended with ${status}`);
    },
    handover: (options) => {
      handovers.push(options);
      return call('handover', []);
    },
  };
  return { core, calls, handovers };
}
