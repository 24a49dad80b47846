import { AlfError } from '../../errors/index.js';
import { INSN_BYTES, type RawInsn } from './assemble.js';
import type { Insn, Program, Size } from './insn.js';
import { aluBits, conditionBits, extensionOffset, keyOf } from './opcodes.js';
import { uapi } from './uapi.js';

/**
 * Decodes an array of `struct sock_filter`; the inverse of {@link assemble}.
 *
 * Knows the instructions of {@link Insn}, no others: extensions that this project does not use are refused, so are
 * fields that an instruction does not have and that are not 0. A word load at the offset that stands for an
 * extension becomes `ldExt`.
 *
 * @param bytes 8 bytes per instruction, in the byte order of this machine, at any alignment
 * @throws AlfError ALF_FILTER
 */
export function disassemble(bytes: Uint8Array): Program {
  if (bytes.length % INSN_BYTES !== 0) {
    throw new AlfError(
      'ALF_FILTER',
      `unable to read a classic program: ${bytes.length} bytes are not a multiple of 8`,
    );
  }
  // Not slice(): that of a Buffer is a view into a larger one.
  const { buffer } = Uint8Array.from(bytes);
  const [small, halves, words] = [new Uint8Array(buffer), new Uint16Array(buffer), new Uint32Array(buffer)];
  return Array.from({ length: bytes.length / INSN_BYTES }, (_, i) => {
    const raw: RawInsn = {
      code: halves[i * 4] ?? 0,
      jt: small[i * INSN_BYTES + 2] ?? 0,
      jf: small[i * INSN_BYTES + 3] ?? 0,
      k: words[i * 2 + 1] ?? 0,
    };
    const insn = decodeInsn(raw);
    if (insn === undefined) {
      const fields = `code 0x${raw.code.toString(16)} jt ${raw.jt} jf ${raw.jf} k 0x${raw.k.toString(16)}`;
      throw new AlfError('ALF_FILTER', `unable to read a classic program: instruction ${i} is unknown`, {
        detail: fields,
      });
    }
    return insn;
  });
}

/** Decodes one instruction; undefined if {@link Insn} does not have it. */
export function decodeInsn(raw: RawInsn): Insn | undefined {
  const jump = (raw.code & 0x07) === uapi.BPF_JMP && raw.code !== (uapi.BPF_JMP | uapi.BPF_JA);
  if (!jump && (raw.jt !== 0 || raw.jf !== 0)) return undefined;
  if (raw.code > 0xff) return undefined;
  return withOperand(raw) ?? (raw.k === 0 ? withoutOperand(raw) : undefined);
}

function withOperand({ code, jt, jf, k }: RawInsn): Insn | undefined {
  switch (code) {
    case uapi.BPF_LD | uapi.BPF_IMM:
      return { op: 'ldImm', k };
    case uapi.BPF_LD | uapi.BPF_MEM:
      return { op: 'ldMem', k };
    case uapi.BPF_LDX | uapi.BPF_IMM:
      return { op: 'ldxImm', k };
    case uapi.BPF_LDX | uapi.BPF_MEM:
      return { op: 'ldxMem', k };
    case uapi.BPF_LDX | uapi.BPF_MSH | uapi.BPF_B:
      return { op: 'ldxMsh', k };
    case uapi.BPF_ST:
      return { op: 'st', k };
    case uapi.BPF_STX:
      return { op: 'stx', k };
    case uapi.BPF_JMP | uapi.BPF_JA:
      return { op: 'ja', k };
    case uapi.BPF_RET | uapi.BPF_K:
      return { op: 'retK', k };
  }
  if ((code & 0x07) === uapi.BPF_LD) return packetLoad(code, k);
  if ((code & 0x0f) === (uapi.BPF_ALU | uapi.BPF_K)) {
    const alu = keyOf(aluBits, code & 0xf0);
    return alu && { op: 'aluK', alu, k };
  }
  if ((code & 0x0f) === (uapi.BPF_JMP | uapi.BPF_K)) {
    const cond = keyOf(conditionBits, code & 0xf0);
    return cond && { op: 'jmpK', cond, k, jt, jf };
  }
  return undefined;
}

function packetLoad(code: number, k: number): Insn | undefined {
  const sizes: Readonly<Record<number, Size>> = { [uapi.BPF_B]: 1, [uapi.BPF_H]: 2, [uapi.BPF_W]: 4 };
  const size = sizes[code & 0x18];
  if (size === undefined) return undefined;
  const mode = code & 0xe0;
  if (mode === uapi.BPF_IND) return { op: 'ldInd', size, k };
  if (mode !== uapi.BPF_ABS) return undefined;
  const extension = size === 4 ? keyOf(extensionOffset, k) : undefined;
  if (extension !== undefined) return { op: 'ldExt', extension };
  return k >= uapi.SKF_AD_OFF ? undefined : { op: 'ldAbs', size, k };
}

function withoutOperand({ code, jt, jf }: RawInsn): Insn | undefined {
  switch (code) {
    case uapi.BPF_LD | uapi.BPF_LEN | uapi.BPF_W:
      return { op: 'ldLen' };
    case uapi.BPF_LDX | uapi.BPF_LEN | uapi.BPF_W:
      return { op: 'ldxLen' };
    case uapi.BPF_ALU | uapi.BPF_NEG:
      return { op: 'neg' };
    case uapi.BPF_RET | uapi.BPF_A:
      return { op: 'retA' };
    case uapi.BPF_MISC | uapi.BPF_TAX:
      return { op: 'tax' };
    case uapi.BPF_MISC | uapi.BPF_TXA:
      return { op: 'txa' };
  }
  if ((code & 0x0f) === (uapi.BPF_ALU | uapi.BPF_X)) {
    const alu = keyOf(aluBits, code & 0xf0);
    return alu && { op: 'aluX', alu };
  }
  if ((code & 0x0f) === (uapi.BPF_JMP | uapi.BPF_X)) {
    const cond = keyOf(conditionBits, code & 0xf0);
    return cond && { op: 'jmpX', cond, jt, jf };
  }
  return undefined;
}
