/**
 * Room: bpf/cbpf. Pure.
 *
 * Owns classic BPF: its instructions, their binary form and their text, the assembler that turns labels into jumps, a
 * checker with the kernel's rules, and an interpreter that sees packets as a socket's program does. Computes what a
 * program costs, so that nothing is attached that the kernel would refuse.
 *
 * In: blocks of instructions, or bytes. Out: programs, bytes, text. Knows nothing of policies, of sockets, or of who may
 * attach a program.
 */
export { assemble } from './assemble.js';
export { checkProgram, type Fault } from './check.js';
export { disassemble } from './disassemble.js';
export { formatProgram } from './format.js';
export type { AluOp, Condition, Extension, Insn, Program, Size } from './insn.js';
export { interpret, type Outcome } from './interpret.js';
export { type Block, type Ending, layOut, type Note, type Step } from './layout.js';
export { extendedInsnsIn, programBytes } from './memory.js';
export { uapi } from './uapi.js';
export { type Mode, type PacketView, viewPacket } from './view.js';
