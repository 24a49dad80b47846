import { type Abi, abisOf } from './abi.js';
import { decideCalls, decideOptions, GROUP_OPTIONS, RINGS } from './calls.js';
import { type Decision, isOneOf } from './decision.js';
import { ALLOW, dataOffset, REFUSE, seccompUapi } from './seccomp-uapi.js';

/** The number that socketcall(2) has for setsockopt. */
const SOCKETCALL_SETSOCKOPT = 14;

/** SO_REUSEPORT is refused at any value: a filter cannot look behind the pointer. SO_DETACH_FILTER touches no steering. */
const OPTIONS = decideOptions(isOneOf([seccompUapi.SO_REUSEPORT, ...GROUP_OPTIONS], REFUSE));

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
  return abis && decideCalls(abis, callsOf);
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

const SOCKETCALL: Decision = {
  load: dataOffset.argument(0),
  tests: isOneOf([SOCKETCALL_SETSOCKOPT], REFUSE),
  otherwise: ALLOW,
};
