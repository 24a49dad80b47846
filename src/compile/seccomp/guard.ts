import { assemble } from '../../bpf/cbpf/index.js';
import { protocols } from '../../net/index.js';
import { type Abi, abisOf } from './abi.js';
import { type Decision, isOneOf, programOf } from './decision.js';
import { dataOffset, seccompUapi } from './seccomp-uapi.js';

const ALLOW = seccompUapi.SECCOMP_RET_ALLOW;
const REFUSE = seccompUapi.SECCOMP_RET_ERRNO | seccompUapi.EPERM;

/** The number that socketcall(2) has for setsockopt. */
const SOCKETCALL_SETSOCKOPT = 14;

/** io_uring has a setsockopt of its own that seccomp does not see (since Linux 6.7): no rings, then. */
const RINGS = [
  seccompUapi.__NR_io_uring_setup,
  seccompUapi.__NR_io_uring_enter,
  seccompUapi.__NR_io_uring_register,
];

/** SO_REUSEPORT is refused at any value: a filter cannot look behind the pointer. SO_DETACH_FILTER touches no steering. */
const STEERING_OPTIONS = [
  seccompUapi.SO_REUSEPORT,
  seccompUapi.SO_ATTACH_REUSEPORT_CBPF,
  seccompUapi.SO_ATTACH_REUSEPORT_EBPF,
  seccompUapi.SO_DETACH_REUSEPORT_BPF,
];

/**
 * The seccomp program of the tier `steer`: the target and its children get EPERM for what would undo steering.
 *
 * Refused are changes of SO_REUSEPORT, attaching and detaching reuseport programs, UDP_ENCAP, io_uring, and on x86-64 the
 * x32 ABI. setsockopt through socketcall(2) is refused for any option: it is behind a pointer, and C libraries do
 * without that call. A call by an ABI that is not of the machine kills the process.
 *
 * @param machine as uname(2) calls it: `x86_64` or `aarch64`
 * @returns an array of `struct sock_filter` in the byte order of this machine; undefined for another machine
 * @see seccomp(2)
 */
export function compileGuard(machine: string): Uint8Array | undefined {
  const abis = abisOf(machine);
  if (abis === undefined) return undefined;
  const program = programOf({
    load: dataOffset.arch,
    tests: abis.map((abi) => ({ cond: 'jeq', k: abi.arch, next: callsOf(abi) })),
    otherwise: seccompUapi.SECCOMP_RET_KILL_PROCESS,
  });
  return assemble(program);
}

function callsOf({ setsockopt, socketcall, foreignBit }: Abi): Decision {
  return {
    load: dataOffset.number,
    tests: [
      { cond: 'jeq', k: setsockopt, next: OPTIONS },
      ...isOneOf(RINGS, REFUSE),
      ...(socketcall === undefined ? [] : isOneOf([socketcall], SOCKETCALL)),
      ...(foreignBit === undefined ? [] : [{ cond: 'jset', k: foreignBit, next: REFUSE } as const]),
    ],
    otherwise: ALLOW,
  };
}

/** UDP encapsulation hands packets of a UDP listener to IPsec before its filter sees them. */
const ENCAPSULATION: Decision = {
  load: dataOffset.argument(2),
  tests: isOneOf([seccompUapi.UDP_ENCAP], REFUSE),
  otherwise: ALLOW,
};

const OPTIONS: Decision = {
  load: dataOffset.argument(1),
  tests: [
    {
      cond: 'jeq',
      k: seccompUapi.SOL_SOCKET,
      next: { load: dataOffset.argument(2), tests: isOneOf(STEERING_OPTIONS, REFUSE), otherwise: ALLOW },
    },
    { cond: 'jeq', k: protocols.udp, next: ENCAPSULATION },
  ],
  otherwise: ALLOW,
};

const SOCKETCALL: Decision = {
  load: dataOffset.argument(0),
  tests: isOneOf([SOCKETCALL_SETSOCKOPT], REFUSE),
  otherwise: ALLOW,
};
