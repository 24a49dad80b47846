import { disassemble, interpret } from '../../../src/bpf/cbpf/index.js';

/** A system call: AUDIT_ARCH_* of its interface, its number there, its arguments. */
export type Call = readonly [arch: number, number: number, ...args: readonly number[]];

/** What a seccomp program answers to a call: SECCOMP_RET_*. */
export function answerTo(
  program: Uint8Array | undefined,
  arch: number,
  number: number,
  ...args: readonly number[]
): number {
  // The interpreter reads words as a packet has them, most significant byte first.
  const data = Buffer.alloc(64);
  data.writeUInt32BE(number, 0);
  data.writeUInt32BE(arch, 4);
  for (const [i, arg] of args.entries()) data.writeUInt32BE(arg, 16 + 8 * i);
  const insns = disassemble(program ?? new Uint8Array());
  return interpret(insns, { bytes: data, dataOffset: 0, protocol: 0, ifindex: 0 }).verdict;
}
