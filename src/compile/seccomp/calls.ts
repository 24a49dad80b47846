import { assemble } from '../../bpf/cbpf/index.js';
import { protocols } from '../../net/index.js';
import type { Abi } from './abi.js';
import { type Decision, isOneOf, programOf, type Test } from './decision.js';
import { ALLOW, dataOffset, REFUSE, seccompUapi } from './seccomp-uapi.js';

/** io_uring has setsockopt, bind and listen of its own (since Linux 6.7 and 6.11), which seccomp does not see. */
export const RINGS: readonly number[] = [
  seccompUapi.__NR_io_uring_setup,
  seccompUapi.__NR_io_uring_enter,
  seccompUapi.__NR_io_uring_register,
];

/** Options that attach and detach the program of a reuseport group. */
export const GROUP_OPTIONS: readonly number[] = [
  seccompUapi.SO_ATTACH_REUSEPORT_CBPF,
  seccompUapi.SO_ATTACH_REUSEPORT_EBPF,
  seccompUapi.SO_DETACH_REUSEPORT_BPF,
];

/**
 * Writes a seccomp program that decides by the interface of a call. A call by any other interface kills the process.
 *
 * @returns an array of `struct sock_filter` in the byte order of this machine
 */
export function decideCalls(abis: readonly Abi[], callsOf: (abi: Abi) => Decision): Uint8Array {
  const program = programOf({
    load: dataOffset.arch,
    tests: abis.map((abi) => ({ cond: 'jeq', k: abi.arch, next: callsOf(abi) })),
    otherwise: seccompUapi.SECCOMP_RET_KILL_PROCESS,
  });
  return assemble(program);
}

/** UDP encapsulation hands packets of a UDP listener to IPsec before its filter sees them. */
const ENCAPSULATION: Decision = {
  load: dataOffset.argument(2),
  tests: isOneOf([seccompUapi.UDP_ENCAP], REFUSE),
  otherwise: ALLOW,
};

/** Decides setsockopt(2): refuses UDP encapsulation. @param tests of the options of SOL_SOCKET */
export function decideOptions(tests: readonly Test[]): Decision {
  return {
    load: dataOffset.argument(1),
    tests: [
      {
        cond: 'jeq',
        k: seccompUapi.SOL_SOCKET,
        next: { load: dataOffset.argument(2), tests, otherwise: ALLOW },
      },
      { cond: 'jeq', k: protocols.udp, next: ENCAPSULATION },
    ],
    otherwise: ALLOW,
  };
}
