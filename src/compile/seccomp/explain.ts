import { disassemble, formatProgram, type Insn, uapi } from '../../bpf/cbpf/index.js';
import { dataOffset, seccompUapi } from './seccomp-uapi.js';

/** The words of `struct seccomp_data`, by their offset. */
const WORDS: Readonly<Record<number, string>> = {
  [dataOffset.number]: 'number of the system call',
  [dataOffset.arch]: 'interface of the system call',
  [dataOffset.argument(0)]: 'first argument',
  [dataOffset.argument(1)]: 'second argument',
  [dataOffset.argument(2)]: 'third argument',
};

/** The upper half of an action that fails a call; the lower half is the errno. */
const ACTION_MASK = 0xffff0000;

const ACTIONS: Readonly<Record<number, string>> = {
  [seccompUapi.SECCOMP_RET_ALLOW]: 'allow',
  [seccompUapi.SECCOMP_RET_USER_NOTIF]: 'suspend until the companion answers',
  [seccompUapi.SECCOMP_RET_KILL_PROCESS]: 'kill the process',
};

const ERRNOS: Readonly<Record<number, string>> = {
  [seccompUapi.EPERM]: 'EPERM',
  [seccompUapi.ENOSYS]: 'ENOSYS',
  [seccompUapi.EPROTONOSUPPORT]: 'EPROTONOSUPPORT',
  [seccompUapi.EAFNOSUPPORT]: 'EAFNOSUPPORT',
};

/**
 * Prints a seccomp program for people: its size, then its listing with the word that each instruction loads and the
 * action that it returns.
 *
 * @param bytes array of `struct sock_filter`
 * @returns lines, each with its newline
 */
export function explainSeccomp(bytes: Uint8Array): string {
  const program = disassemble(bytes);
  const size = `; seccomp program, ${program.length} of ${uapi.BPF_MAXINSNS} instructions\n`;
  return size + formatProgram(program, (at) => noteOn(program[at]));
}

function noteOn(insn: Insn | undefined): string | undefined {
  if (insn?.op === 'ldAbs') return WORDS[insn.k];
  if (insn?.op !== 'retK') return undefined;
  const isErrno = (insn.k & ACTION_MASK) >>> 0 === seccompUapi.SECCOMP_RET_ERRNO;
  return isErrno ? `fail with ${ERRNOS[insn.k & ~ACTION_MASK]}` : ACTIONS[insn.k];
}
