import type { AluOp, Condition, Extension, Size } from './insn.js';
import { uapi } from './uapi.js';

/** The operation bits of each arithmetic instruction. */
export const aluBits: Readonly<Record<AluOp, number>> = {
  add: uapi.BPF_ADD,
  sub: uapi.BPF_SUB,
  mul: uapi.BPF_MUL,
  div: uapi.BPF_DIV,
  mod: uapi.BPF_MOD,
  and: uapi.BPF_AND,
  or: uapi.BPF_OR,
  xor: uapi.BPF_XOR,
  lsh: uapi.BPF_LSH,
  rsh: uapi.BPF_RSH,
};

/** The operation bits of each comparison. */
export const conditionBits: Readonly<Record<Condition, number>> = {
  jeq: uapi.BPF_JEQ,
  jgt: uapi.BPF_JGT,
  jge: uapi.BPF_JGE,
  jset: uapi.BPF_JSET,
};

/** The size bits of each width. */
export const sizeBits: Readonly<Record<Size, number>> = {
  1: uapi.BPF_B,
  2: uapi.BPF_H,
  4: uapi.BPF_W,
};

/** The absolute "offset" that stands for each extension. */
export const extensionOffset: Readonly<Record<Extension, number>> = {
  proto: uapi.SKF_AD_OFF + uapi.SKF_AD_PROTOCOL,
  ifidx: uapi.SKF_AD_OFF + uapi.SKF_AD_IFINDEX,
  rand: uapi.SKF_AD_OFF + uapi.SKF_AD_RANDOM,
};

/** The key of a table whose value is `bits`, or undefined. */
export function keyOf<K extends string>(table: Readonly<Record<K, number>>, bits: number): K | undefined {
  for (const key of Object.keys(table) as K[]) if (table[key] === bits) return key;
  return undefined;
}
