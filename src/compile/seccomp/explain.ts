import { disassemble, formatProgram, type Insn, uapi } from '../../bpf/cbpf/index.js';
import { dataOffset, seccompUapi } from './seccomp-uapi.js';

/** The upper half of an action that fails a call; the lower half is the errno. */
const ACTION_MASK = 0xffff0000;

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
  if (insn?.op === 'ldAbs') return wordAt(insn.k);
  return insn?.op === 'retK' ? actionOf(insn.k) : undefined;
}

/** A word of `struct seccomp_data`. */
function wordAt(offset: number): string | undefined {
  switch (offset) {
    case dataOffset.number:
      return 'number of the system call';
    case dataOffset.arch:
      return 'interface of the system call';
    case dataOffset.argument(0):
      return 'first argument';
    case dataOffset.argument(1):
      return 'second argument';
    case dataOffset.argument(2):
      return 'third argument';
    default:
      return undefined;
  }
}

function actionOf(action: number): string | undefined {
  switch (action) {
    case seccompUapi.SECCOMP_RET_ALLOW:
      return 'allow';
    case seccompUapi.SECCOMP_RET_USER_NOTIF:
      return 'suspend until the companion answers';
    case seccompUapi.SECCOMP_RET_KILL_PROCESS:
      return 'kill the process';
    default:
      return `fail with ${errnoOf(action & ~ACTION_MASK)}`;
  }
}

function errnoOf(errno: number): string {
  switch (errno) {
    case seccompUapi.EPERM:
      return 'EPERM';
    case seccompUapi.ENOSYS:
      return 'ENOSYS';
    case seccompUapi.EPROTONOSUPPORT:
      return 'EPROTONOSUPPORT';
    case seccompUapi.EAFNOSUPPORT:
      return 'EAFNOSUPPORT';
    default:
      return `errno ${errno}`;
  }
}
