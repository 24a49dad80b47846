import type { Insn, Program } from './insn.js';
import { aluBits, conditionBits, extensionOffset, sizeBits } from './opcodes.js';
import { uapi } from './uapi.js';

/** An instruction as four numbers: the fields of `struct sock_filter`. */
export interface RawInsn {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Size of `struct sock_filter` in bytes. */
export const INSN_BYTES = 8;

/**
 * Encodes a program as an array of `struct sock_filter`.
 *
 * Nothing is checked: {@link checkProgram} does that. An empty program gives no bytes.
 *
 * @returns 8 bytes per instruction (u16 code, u8 jt, u8 jf, u32 k), in the byte order of this machine
 * @see include/uapi/linux/filter.h
 */
export function assemble(program: Program): Uint8Array {
  const buffer = new ArrayBuffer(program.length * INSN_BYTES);
  // Typed arrays are in host order, which is what the kernel takes.
  const [bytes, halves, words] = [new Uint8Array(buffer), new Uint16Array(buffer), new Uint32Array(buffer)];
  program.forEach((insn, i) => {
    const { code, jt, jf, k } = encodeInsn(insn);
    halves[i * 4] = code;
    bytes[i * INSN_BYTES + 2] = jt;
    bytes[i * INSN_BYTES + 3] = jf;
    words[i * 2 + 1] = k;
  });
  return bytes;
}

/** Encodes one instruction; unused fields are 0. */
export function encodeInsn(insn: Insn): RawInsn {
  const raw = (code: number, k = 0, jt = 0, jf = 0): RawInsn => ({ code, jt, jf, k });
  switch (insn.op) {
    case 'ldAbs':
      return raw(uapi.BPF_LD | uapi.BPF_ABS | sizeBits[insn.size], insn.k);
    case 'ldInd':
      return raw(uapi.BPF_LD | uapi.BPF_IND | sizeBits[insn.size], insn.k);
    case 'ldExt':
      return raw(uapi.BPF_LD | uapi.BPF_ABS | uapi.BPF_W, extensionOffset[insn.extension]);
    case 'ldLen':
      return raw(uapi.BPF_LD | uapi.BPF_LEN | uapi.BPF_W);
    case 'ldImm':
      return raw(uapi.BPF_LD | uapi.BPF_IMM, insn.k);
    case 'ldMem':
      return raw(uapi.BPF_LD | uapi.BPF_MEM, insn.k);
    case 'ldxImm':
      return raw(uapi.BPF_LDX | uapi.BPF_IMM, insn.k);
    case 'ldxLen':
      return raw(uapi.BPF_LDX | uapi.BPF_LEN | uapi.BPF_W);
    case 'ldxMem':
      return raw(uapi.BPF_LDX | uapi.BPF_MEM, insn.k);
    case 'ldxMsh':
      return raw(uapi.BPF_LDX | uapi.BPF_MSH | uapi.BPF_B, insn.k);
    case 'st':
      return raw(uapi.BPF_ST, insn.k);
    case 'stx':
      return raw(uapi.BPF_STX, insn.k);
    case 'aluK':
      return raw(uapi.BPF_ALU | aluBits[insn.alu] | uapi.BPF_K, insn.k);
    case 'aluX':
      return raw(uapi.BPF_ALU | aluBits[insn.alu] | uapi.BPF_X);
    case 'neg':
      return raw(uapi.BPF_ALU | uapi.BPF_NEG);
    case 'ja':
      return raw(uapi.BPF_JMP | uapi.BPF_JA, insn.k);
    case 'jmpK':
      return raw(uapi.BPF_JMP | conditionBits[insn.cond] | uapi.BPF_K, insn.k, insn.jt, insn.jf);
    case 'jmpX':
      return raw(uapi.BPF_JMP | conditionBits[insn.cond] | uapi.BPF_X, 0, insn.jt, insn.jf);
    case 'retK':
      return raw(uapi.BPF_RET | uapi.BPF_K, insn.k);
    case 'retA':
      return raw(uapi.BPF_RET | uapi.BPF_A);
    case 'tax':
      return raw(uapi.BPF_MISC | uapi.BPF_TAX);
    case 'txa':
      return raw(uapi.BPF_MISC | uapi.BPF_TXA);
  }
}
