import { hostIsLittleEndian } from '../../net/index.js';

/** `struct bpf_insn`; the second half of a 64-bit constant is one of its own. @see RFC 9669 */
export interface Instruction {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
}

/** Size of `struct bpf_insn` in bytes. */
export const INSN_BYTES = 8;

/** The register that points to the stack. */
export const FRAME_POINTER = 10;

/** Classes of instructions: the low three bits of their code. */
export const insnClass = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;

/** Reads a program as the kernel takes it, in the byte order of this machine; bytes behind the last whole instruction are left out. */
export function decodeProgram(bytes: Uint8Array, littleEndian = hostIsLittleEndian()): Instruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / INSN_BYTES }, (_, i) => {
    const at = i * INSN_BYTES;
    const registers = view.getUint8(at + 1);
    const [low, high] = [registers & 0xf, registers >> 4];
    return {
      code: view.getUint8(at),
      dst: littleEndian ? low : high,
      src: littleEndian ? high : low,
      offset: view.getInt16(at + 2, littleEndian),
      imm: view.getInt32(at + 4, littleEndian),
    };
  });
}

/** Writes a program as the kernel takes it; the inverse of {@link decodeProgram}. */
export function encodeProgram(
  program: readonly Instruction[],
  littleEndian = hostIsLittleEndian(),
): Uint8Array {
  const bytes = new Uint8Array(program.length * INSN_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, { code, dst, src, offset, imm }] of program.entries()) {
    const at = i * INSN_BYTES;
    view.setUint8(at, code);
    view.setUint8(at + 1, littleEndian ? (src << 4) | dst : (dst << 4) | src);
    view.setInt16(at + 2, offset, littleEndian);
    view.setInt32(at + 4, imm, littleEndian);
  }
  return bytes;
}

/** A constant of 64 bits takes the place of two instructions. */
export const WIDE = 0x18;
const CALL = 0x85;
const EXIT = 0x95;
const JUMP = 0x05;
const LONG_JUMP = 0x06;

/** A call of any function. */
export function isCall({ code }: Instruction): boolean {
  return code === CALL;
}

/** A call of the program's own functions: `imm` counts instructions. */
export function isLocalCall({ code, src }: Instruction): boolean {
  return code === CALL && src === 1;
}

/** A call of a helper of the kernel: `imm` is its number. */
export function isHelperCall({ code, src }: Instruction): boolean {
  return code === CALL && src === 0;
}

/** A call of a kernel function (not a helper), or of a value that is a function. */
export function isKernelCall({ code, src }: Instruction): boolean {
  return code === CALL && src > 1;
}

/** The target of a jump, relative to the next instruction; undefined for other instructions. */
export function jumpOf({ code, offset, imm }: Instruction): number | undefined {
  if (code === LONG_JUMP) return imm;
  const isJump =
    ((code & 7) === insnClass.jmp || (code & 7) === insnClass.jmp32) && code !== CALL && code !== EXIT;
  return isJump ? offset : undefined;
}

/** Whether what stands behind it can come next. */
export function fallsThrough({ code }: Instruction): boolean {
  return code !== JUMP && code !== LONG_JUMP && code !== EXIT;
}

/** The same jump, to another place. */
export function withJump(instruction: Instruction, by: number): Instruction {
  return instruction.code === LONG_JUMP ? { ...instruction, imm: by } : { ...instruction, offset: by };
}
