import type { Insn, Program } from './insn.js';
import { aluBits, conditionBits, extensionOffset } from './opcodes.js';
import { findUninitialisedRead } from './scratch.js';
import { uapi } from './uapi.js';

/** Why the kernel would refuse a program. */
export interface Fault {
  /** Index of the instruction; 0 for an empty program. */
  readonly at: number;
  /** One clause, without the instruction's name. */
  readonly reason: string;
}

/**
 * Applies the rules by which the kernel accepts or refuses a classic program.
 *
 * 1 to 4096 instructions; every jump lands inside; the last instruction returns; no division by a constant 0, no
 * shift by a constant of 32 or more; scratch cells 0 to 15, none read before it was written on every way there
 * ({@link findUninitialisedRead}); absolute loads at or above `SKF_AD_OFF` only for known extensions. Numbers that
 * do not fit their field are faults as well: {@link assemble} would cut them.
 *
 * @returns the first fault, or undefined for a program that the kernel takes
 * @see net/core/filter.c, bpf_check_classic(), at v6.18
 */
export function checkProgram(program: Program): Fault | undefined {
  if (program.length === 0) return { at: 0, reason: 'the program is empty' };
  if (program.length > uapi.BPF_MAXINSNS) {
    return {
      at: uapi.BPF_MAXINSNS,
      reason: `${program.length} instructions are more than ${uapi.BPF_MAXINSNS}`,
    };
  }
  for (const [at, insn] of program.entries()) {
    const reason = checkInsn(insn, program.length - at - 1);
    if (reason !== undefined) return { at, reason };
  }
  const last = program[program.length - 1];
  if (last?.op !== 'retK' && last?.op !== 'retA') {
    return { at: program.length - 1, reason: 'the last instruction does not return' };
  }
  const read = findUninitialisedRead(program);
  return read === undefined ? undefined : { at: read, reason: 'a scratch cell is read that may not be set' };
}

/** @param behind how many instructions follow this one */
function checkInsn(insn: Insn, behind: number): string | undefined {
  if ('k' in insn && !isUnsigned(insn.k, 0xffffffff)) return `${insn.k} is not an unsigned 32-bit number`;
  switch (insn.op) {
    case 'ldMem':
    case 'ldxMem':
    case 'st':
    case 'stx':
      return insn.k < uapi.BPF_MEMWORDS ? undefined : `there is no scratch cell ${insn.k}`;
    case 'ldAbs':
      return checkAbsolute(insn.k) ?? checkSize(insn.size);
    case 'ldInd':
      return checkSize(insn.size);
    case 'ldExt':
      return insn.extension in extensionOffset ? undefined : `there is no extension ${insn.extension}`;
    case 'aluK':
      return checkOperand(insn.alu, insn.k);
    case 'aluX':
      return insn.alu in aluBits ? undefined : `unknown operation ${insn.alu}`;
    case 'ja':
      return insn.k < behind ? undefined : 'the jump leaves the program';
    case 'jmpK':
    case 'jmpX':
      if (!(insn.cond in conditionBits)) return `there is no condition ${insn.cond}`;
      if (!isUnsigned(insn.jt, 255) || !isUnsigned(insn.jf, 255)) return 'a conditional jump skips 0 to 255';
      return insn.jt < behind && insn.jf < behind ? undefined : 'the jump leaves the program';
    default:
      return undefined;
  }
}

function checkAbsolute(k: number): string | undefined {
  const known = Object.values(extensionOffset).includes(k);
  return k < uapi.SKF_AD_OFF || known ? undefined : `there is no extension 0x${k.toString(16)}`;
}

function checkSize(size: number): string | undefined {
  return size === 1 || size === 2 || size === 4 ? undefined : `a load of ${size} bytes does not exist`;
}

function checkOperand(alu: string, k: number): string | undefined {
  if (!(alu in aluBits)) return `unknown operation ${alu}`;
  if ((alu === 'div' || alu === 'mod') && k === 0) return 'division by 0';
  return (alu === 'lsh' || alu === 'rsh') && k >= 32 ? `a shift by ${k} bits` : undefined;
}

function isUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
