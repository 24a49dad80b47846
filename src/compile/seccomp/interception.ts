import { type Abi, abisOf } from './abi.js';
import { decideCalls, decideOptions, GROUP_OPTIONS, RINGS } from './calls.js';
import { type Decision, isOneOf } from './decision.js';
import { ALLOW, dataOffset, IPPROTO_SMC, REFUSE, SOCK_TYPE_MASK, seccompUapi } from './seccomp-uapi.js';

const NOTIFY = seccompUapi.SECCOMP_RET_USER_NOTIF;
const failsWith = (errno: number): number => seccompUapi.SECCOMP_RET_ERRNO | errno;
const ABSENT = failsWith(seccompUapi.ENOSYS);

/** Options that take a filter off or replace it, or keep the companion from attaching and locking its own. */
const FILTER_OPTIONS: readonly number[] = [
  ...GROUP_OPTIONS,
  seccompUapi.SO_DETACH_FILTER,
  seccompUapi.SO_LOCK_FILTER,
  seccompUapi.SO_ATTACH_BPF,
];

/** Protocols with listeners beside TCP and UDP. Programs that ask for them fall back to those at EPROTONOSUPPORT. */
const UNFILTERED_PROTOCOLS: readonly number[] = [
  seccompUapi.IPPROTO_MPTCP,
  seccompUapi.IPPROTO_SCTP,
  seccompUapi.IPPROTO_DCCP,
  seccompUapi.IPPROTO_UDPLITE,
  IPPROTO_SMC,
];

/** How the companion gets at sockets, and whether it puts TCP sockets into groups. */
export interface Interception {
  readonly mechanism: 'fetch' | 'create';
  /** Whether TCP sockets are of tier `steer`: then the companion sets SO_REUSEPORT in the target's place. */
  readonly steers: boolean;
}

/**
 * The seccomp program of interception: the target is suspended in bind(2) and listen(2) until the companion has
 * filtered the socket. Where the companion creates the sockets, it is suspended in socket(2) as well.
 *
 * Refused are options that take a filter off or replace it, protocols that no filter is made for, and io_uring and the
 * x32 ABI as if the kernel had neither. SO_ATTACH_FILTER is allowed: clients have filters of their own, and those of
 * listeners are replaced and locked. A call by another ABI than the machine's own kills the process: at ENOSYS some programs
 * spin.
 *
 * @param machine as uname(2) calls it: `x86_64` or `aarch64`
 * @returns an array of `struct sock_filter` in the byte order of this machine; undefined for another machine
 * @see seccomp_unotify(2)
 */
export function compileInterception(machine: string, interception: Interception): Uint8Array | undefined {
  const [native] = abisOf(machine) ?? [];
  return native && decideCalls([native], (abi) => callsOf(abi, interception));
}

function callsOf(
  { socket, bind, listen, setsockopt, foreignBit }: Abi,
  { mechanism, steers }: Interception,
): Decision {
  return {
    load: dataOffset.number,
    tests: [
      ...isOneOf([bind, listen], NOTIFY),
      ...isOneOf([setsockopt], optionsOf(steers)),
      ...isOneOf([socket], socketsOf(mechanism === 'create')),
      ...isOneOf(RINGS, ABSENT),
      ...(foreignBit === undefined ? [] : [{ cond: 'jset', k: foreignBit, next: ABSENT } as const]),
    ],
    otherwise: ALLOW,
  };
}

function optionsOf(steers: boolean): Decision {
  return decideOptions([
    ...(steers ? isOneOf([seccompUapi.SO_REUSEPORT], NOTIFY) : []),
    ...isOneOf(FILTER_OPTIONS, REFUSE),
  ]);
}

/** TCP and UDP sockets; others are raw. */
const CREATED: Decision = {
  load: dataOffset.argument(1),
  mask: SOCK_TYPE_MASK,
  tests: isOneOf([seccompUapi.SOCK_STREAM, seccompUapi.SOCK_DGRAM], NOTIFY),
  otherwise: ALLOW,
};

/** Protocols of datagram sockets that ping(8) uses: they have no ports. */
const PING_PROTOCOLS: readonly number[] = [seccompUapi.IPPROTO_ICMP, seccompUapi.IPPROTO_ICMPV6];

/** Decides socket(2). Protocol numbers depend on the family: 256 is also an ethertype of packet(7). */
function socketsOf(creates: boolean): Decision {
  const protocols: Decision = {
    load: dataOffset.argument(2),
    tests: [
      ...isOneOf(UNFILTERED_PROTOCOLS, failsWith(seccompUapi.EPROTONOSUPPORT)),
      ...(creates ? isOneOf(PING_PROTOCOLS, ALLOW) : []),
    ],
    otherwise: creates ? CREATED : ALLOW,
  };
  return {
    load: dataOffset.argument(0),
    tests: [
      ...isOneOf([seccompUapi.AF_INET, seccompUapi.AF_INET6], protocols),
      ...isOneOf([seccompUapi.AF_SMC], failsWith(seccompUapi.EAFNOSUPPORT)),
    ],
    otherwise: ALLOW,
  };
}
