import { formatProgram, uapi } from '../../bpf/cbpf/index.js';
import type { CompiledPolicy } from './compile.js';

/**
 * Prints a compiled policy for people: what it takes, then its listing with the field that each instruction reads.
 *
 * The text can be read by bpf_asm: all that is ours stands behind a semicolon.
 *
 * @returns lines, each with its newline
 */
export function explainProgram({ program, notes, mode, bytes }: CompiledPolicy): string {
  const offset = mode === 'socket' ? 'the transport header' : 'the data behind the transport header';
  const size = `${program.length} of ${uapi.BPF_MAXINSNS} instructions, ${bytes} bytes of socket option memory`;
  const start = `offset 0 is ${offset}, 0x${uapi.SKF_NET_OFF.toString(16)} the network header`;
  const words = notes();
  return `; ${size}\n; ${start}\n${formatProgram(program, (at) => words[at])}`;
}
