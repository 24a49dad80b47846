import { seccompUapi } from './seccomp-uapi.js';

/** An interface by which programs call the kernel: its name for seccomp, and the numbers of its calls. */
export interface Abi {
  /** AUDIT_ARCH_*. */
  readonly arch: number;
  readonly socket: number;
  readonly bind: number;
  readonly listen: number;
  readonly setsockopt: number;
  /** socketcall(2), where there is one: its first argument says which call is meant. */
  readonly socketcall?: number;
  /** A bit that no number of this interface has: a call with it is refused. */
  readonly foreignBit?: number;
}

/** Its number on i386, and on Arm, whose EABI leaves the call out. */
const SOCKETCALL = 102;

/** Set in the numbers of the x32 ABI, which goes by the name of x86-64. No call of aarch64 has a number that high. */
const X32_BIT = 0x40000000;

/** The interfaces of each machine's kernel: its own, then the 32-bit one that it may offer beside it. */
const ABIS: ReadonlyMap<string, readonly [native: Abi, ...others: Abi[]]> = new Map([
  [
    'x86_64',
    [
      {
        arch: seccompUapi.AUDIT_ARCH_X86_64,
        ...{ socket: 41, bind: 49, listen: 50, setsockopt: 54 },
        foreignBit: X32_BIT,
      },
      {
        arch: seccompUapi.AUDIT_ARCH_I386,
        ...{ socket: 359, bind: 361, listen: 363, setsockopt: 366 },
        socketcall: SOCKETCALL,
      },
    ],
  ],
  [
    'aarch64',
    [
      {
        arch: seccompUapi.AUDIT_ARCH_AARCH64,
        ...{ socket: 198, bind: 200, listen: 201, setsockopt: 208 },
        foreignBit: X32_BIT,
      },
      {
        arch: seccompUapi.AUDIT_ARCH_ARM,
        ...{ socket: 281, bind: 282, listen: 284, setsockopt: 294 },
        socketcall: SOCKETCALL,
      },
    ],
  ],
]);

/** The machines that the programs are written for, as uname(2) calls them. */
export const GUARD_MACHINES: readonly string[] = [...ABIS.keys()];

/**
 * The interfaces of a machine's kernel.
 *
 * @param machine as uname(2) calls it
 * @returns the machine's own first; undefined for a machine that the programs are not written for
 */
export function abisOf(machine: string): readonly [native: Abi, ...others: Abi[]] | undefined {
  return ABIS.get(machine);
}
