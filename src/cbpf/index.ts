/**
 * Room: cbpf. Pure.
 *
 * Owns classic BPF: its instructions, their binary form and their text, a checker with the kernel's rules, an
 * interpreter that sees packets as a socket's program does, and the compiler that turns a policy into a program of
 * balanced search trees. Computes what a program costs, so that nothing is attached that the kernel would refuse.
 *
 * In: a policy, interface indexes, the verdict numbers of a tier. Out: instructions, bytes, text. Knows nothing of
 * sockets, of who may attach a program, or of which tier to take.
 */
export { assemble } from './assemble.js';
export { checkProgram, type Fault } from './check.js';
export { type CompiledPolicy, compilePolicy, type Target } from './compile.js';
export { disassemble } from './disassemble.js';
export { explainProgram } from './explain.js';
export { formatProgram } from './format.js';
export type { AluOp, Condition, Extension, Insn, Program, Size } from './insn.js';
export { interpret, type Outcome } from './interpret.js';
export { type Block, type Ending, layOut, type Step } from './layout.js';
export { programBytes } from './memory.js';
export { uapi } from './uapi.js';
export { type Mode, type PacketView, viewPacket } from './view.js';
