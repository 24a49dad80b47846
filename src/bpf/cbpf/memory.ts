import type { Insn, Program } from './insn.js';
import { uapi } from './uapi.js';

/** `offsetof(struct bpf_prog, insns)` and the size of one instruction of the kernel's own, in bytes. */
const HEADER_BYTES = 96;
const EXTENDED_BYTES = 8;

/** What precedes every translated program, and what precedes one that reads the packet. */
const PROLOGUE = 3;
const PACKET_PROLOGUE = 4;

/**
 * Computes what the kernel charges a socket for a program, in bytes.
 *
 * The kernel translates a classic program into its extended instruction set and counts that: `96 + 8 × n`, where n
 * is 3, another 4 if the program reads the packet, and for each instruction what {@link translatedLength} says.
 * Socket filters must stay below `net.core.optmem_max`, reuseport programs may reach it.
 *
 * Exact on Linux 6.18, x86-64; other versions differ by a few bytes a load. Attaching has the last word.
 *
 * @see net/core/filter.c, bpf_convert_filter() and __sk_filter_charge(), at v6.18
 */
export function programBytes(program: Program): number {
  const reads = program.some(({ op }) => op === 'ldAbs' || op === 'ldInd' || op === 'ldxMsh');
  const length = program.reduce((sum, insn) => sum + translatedLength(insn), reads ? PACKET_PROLOGUE : 0);
  return HEADER_BYTES + EXTENDED_BYTES * (PROLOGUE + length);
}

/** How many extended instructions fit into option memory of this size. */
export function extendedInsnsIn(sizeBytes: number): number {
  return Math.max(0, Math.floor((sizeBytes - HEADER_BYTES) / EXTENDED_BYTES));
}

/** How many extended instructions one classic instruction becomes. */
function translatedLength(insn: Insn): number {
  switch (insn.op) {
    case 'ldAbs':
      return absoluteLength(insn.k, insn.size > 1 ? 1 : 0);
    case 'ldInd':
      return insn.k === 0 ? 8 : 9;
    case 'ldExt':
      return insn.extension === 'proto' ? 2 : 4;
    case 'ldxMsh':
      return absoluteLength(insn.k, 0) + 6;
    case 'aluX':
      return insn.alu === 'div' || insn.alu === 'mod' ? 5 : 1;
    case 'jmpK':
      // A constant with its top bit set needs a register: the extended instruction would extend its sign.
      return jumpLength(insn.cond === 'jset', insn.jt, insn.jf) + (insn.k > 0x7fffffff ? 1 : 0);
    case 'jmpX':
      return jumpLength(insn.cond === 'jset', insn.jt, insn.jf);
    case 'retK':
      return 2;
    default:
      return 1;
  }
}

/** @param swap 1 for a load that turns network order into host order */
function absoluteLength(k: number, swap: number): number {
  if (k >= uapi.SKF_AD_OFF) return k === uapi.SKF_AD_OFF + uapi.SKF_AD_PROTOCOL ? 2 : 4;
  // Offsets from a header, "negative" ones, always call; the others try the linear part of the packet first.
  if (k > 0x7fffffff) return 8;
  return 12 + swap + (k === 0 ? 0 : 1) + (k > 0x7fff ? 2 : 0);
}

function jumpLength(irreversible: boolean, jt: number, jf: number): number {
  return jf === 0 || (jt === 0 && !irreversible) ? 1 : 2;
}
