import type { AluOp, Condition, Extension, Insn, Program, Size } from '../../../src/bpf/cbpf/index.js';
import { uapi } from '../../../src/bpf/cbpf/index.js';
import type { Random } from './random.js';

const ALU: readonly AluOp[] = ['add', 'sub', 'mul', 'div', 'mod', 'and', 'or', 'xor', 'lsh', 'rsh'];
const CONDITIONS: readonly Condition[] = ['jeq', 'jgt', 'jge', 'jset'];
const EXTENSIONS: readonly Extension[] = ['proto', 'ifidx'];
const SIZES: readonly Size[] = [1, 2, 4];

/**
 * A program of any instructions. Most pass the checker; some have a jump that is too far, a cell that is not set, a
 * division by 0.
 */
export function randomProgram(random: Random, length: number): Program {
  // Packets are ~30 bytes behind offset 0: most loads are inside, some cross the end.
  const offset = (): number =>
    random.pick([0, 0, uapi.SKF_NET_OFF]) + random.pick([0, 1, 2, 4, 7, 12, 20, 27, 36, 44, 60]);
  const constant = (): number =>
    random.pick([0, 1, 2, 31, 32, 255, 0x7fffffff, 0x80000000, 0xffffffff, random.next()]);
  const cell = (): number => (random.chance(99) ? random.below(4) : random.below(20));
  const skip = (behind: number): number => Math.min(255, random.below(behind + (random.chance(2) ? 2 : 0)));
  const makers: readonly ((behind: number) => Insn)[] = [
    () => ({ op: 'ldAbs', size: random.pick(SIZES), k: offset() }),
    () => ({ op: 'ldInd', size: random.pick(SIZES), k: offset() }),
    () => ({ op: 'ldExt', extension: random.pick(EXTENSIONS) }),
    () => ({ op: 'ldLen' }),
    () => ({ op: 'ldImm', k: constant() }),
    () => ({ op: 'ldMem', k: cell() }),
    () => ({ op: 'ldxImm', k: random.chance(70) ? random.below(24) : constant() }),
    () => ({ op: 'ldxLen' }),
    () => ({ op: 'ldxMem', k: cell() }),
    () => ({ op: 'ldxMsh', k: offset() }),
    () => ({ op: 'st', k: cell() }),
    () => ({ op: 'stx', k: cell() }),
    () => ({ op: 'aluK', alu: random.pick(ALU), k: random.chance(60) ? 1 + random.below(31) : constant() }),
    () => ({ op: 'aluX', alu: random.pick(ALU) }),
    () => ({ op: 'neg' }),
    (behind) => ({ op: 'ja', k: skip(behind) }),
    (behind) => ({
      op: 'jmpK',
      cond: random.pick(CONDITIONS),
      k: constant(),
      jt: skip(behind),
      jf: skip(behind),
    }),
    (behind) => ({ op: 'jmpX', cond: random.pick(CONDITIONS), jt: skip(behind), jf: skip(behind) }),
    () => ({ op: 'tax' }),
    () => ({ op: 'txa' }),
    () => (random.chance(30) ? { op: 'retK', k: random.pick([0, 0xffffffff]) } : { op: 'txa' }),
  ];
  const set: Insn[] = [0, 1, 2, 3].map((k) => ({ op: 'st', k }));
  const body = Array.from({ length }, (_, i) => random.pick(makers)(length - i));
  const end: Insn = random.chance(80) ? { op: 'retA' } : { op: 'retK', k: random.pick([0, 1, 0xffffffff]) };
  return [...(random.chance(80) ? set : []), ...body, random.chance(98) ? end : { op: 'tax' }];
}
