import type {
  Constants,
  CoreOps,
  InterceptionStatuses,
  LaunchFailure,
  LaunchRemoved,
  ProbeStatuses,
  Status,
} from '../../../src/kernel/index.js';

/** Numbers unlike the kernel's, so that a number written down by hand in src cannot pass. */
export const CONSTANTS: Constants = {
  AF_INET: 102,
  AF_INET6: 110,
  AF_UNIX: 101,
  SOCK_STREAM: 201,
  SOCK_DGRAM: 202,
  SOCK_SEQPACKET: 205,
  IPPROTO_IP: 300,
  IPPROTO_IPV6: 341,
  IPPROTO_TCP: 306,
  IPPROTO_UDP: 705,
  IP_TTL: 322,
  IPV6_UNICAST_HOPS: 316,
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
  SO_LOCK_FILTER: 344,
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
  TCP_CONGESTION: 622,
  TCP_DEFER_ACCEPT: 623,
  TCP_KEEPCNT: 624,
  TCP_KEEPIDLE: 625,
  TCP_KEEPINTVL: 626,
  TCP_NODELAY: 627,
  EADDRINUSE: 498,
  EAFNOSUPPORT: 97,
  EACCES: 706,
  EAGAIN: 707,
  ENODEV: 719,
  ENOSYS: 738,
  ECONNREFUSED: 411,
  CAP_BPF: 39,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_RAW: 13,
  CAP_PERFMON: 38,
  CAP_NET_ADMIN: 12,
  CAP_SETGID: 6,
  CAP_SETPCAP: 8,
  CAP_SETUID: 7,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_PTRACE: 19,
};

/** A call as text, `bind(7, 16 bytes)`, and the operations that write them down. */
export interface FakeCore {
  readonly core: CoreOps;
  readonly calls: string[];
  /** Encoded plans and targets. */
  readonly plans: Uint8Array[];
  readonly targets: Uint8Array[];
}

/** What the runtime answers; without a failure it succeeds. */
export interface FakeRuntime {
  readonly probe?: Partial<ProbeStatuses>;
  readonly interception?: Partial<InterceptionStatuses>;
  readonly open?: LaunchFailure;
  readonly settle?: LaunchFailure;
  readonly handover?: LaunchFailure;
  readonly bound?: readonly Uint8Array[];
  readonly companion?: number;
  readonly removed?: readonly LaunchRemoved[];
}

/** A step of the runtime that failed. */
export function failureAt(step: string, changes: Partial<LaunchFailure> = {}): LaunchFailure {
  return { step, part: 0, listener: 0, index: 0, errno: 1, ...changes };
}

function failed(failure: LaunchFailure | undefined): { failure?: LaunchFailure } {
  return failure === undefined ? {} : { failure };
}

/** Everything works. */
const PROBED: ProbeStatuses = { ebpf: 0, classicTcp: 0, classicUdp: 0, steer: 0, ipv6: 0 };

/**
 * Operations that succeed and are written down.
 *
 * @param answers what to return instead, by the name of the call or, for the n-th call of all, by its number from 1
 * @param runtime what the runtime answers
 */
export function fakeCore(
  answers: Readonly<Record<string | number, Status>> = {},
  runtime: FakeRuntime = {},
): FakeCore {
  const calls: string[] = [];
  const plans: Uint8Array[] = [];
  const targets: Uint8Array[] = [];
  const call = (name: string, args: readonly unknown[], fallback: Status = 0): Status => {
    const shown = args.map((arg) => (arg instanceof Uint8Array ? `${arg.length} bytes` : String(arg)));
    calls.push(`${name}(${shown.join(', ')})`);
    return answers[calls.length] ?? answers[name] ?? fallback;
  };
  const core: CoreOps = {
    constants: CONSTANTS,
    setsockopt: (...args) => call('setsockopt', args),
    getsockopt: (fd, level, name) => call('getsockopt', [fd, level, name]),
    getsockname: (...args) => call('getsockname', args),
    close: (...args) => call('close', args),
    interfaceIndex: (name) => call('interfaceIndex', [name], name === 'lo' ? 1 : -19),
    link: (key) => call('link', [key], -95),
    user: (...args) => call('user', args),
    group: (...args) => call('group', args),
    groupsOf: (_, gid) => [gid],
    probe: () => {
      call('probe', []);
      return { ...PROBED, ...runtime.probe };
    },
    probeInterception: () => {
      call('probeInterception', []);
      return { fetch: 0, notify: 0, create: 0, ...runtime.interception };
    },
    tryAttach: (...args) => call('tryAttach', args),
    tryGuard: (...args) => call('tryGuard', args),
    pidfdId: () => 0n,
    exit: (status) => {
      throw new Error(`the process would have ended with ${status}`);
    },
    launchOpen: (plan, programFd) => {
      call('launchOpen', [plan, programFd]);
      plans.push(plan);
      return { bound: runtime.bound ?? [], companion: runtime.companion ?? 0, ...failed(runtime.open) };
    },
    launchSettle: (isAllowed) => {
      call('launchSettle', [typeof isAllowed]);
      return { removed: runtime.removed ?? [], ...failed(runtime.settle) };
    },
    launchHandover: (target) => {
      call('launchHandover', [target]);
      targets.push(target);
      return runtime.handover;
    },
    launchClose: () => void call('launchClose', []),
    failCall: () => 0,
  };
  return { core, calls, plans, targets };
}
