import { type Block, type Condition, type Insn, layOut, type Program } from '../../bpf/cbpf/index.js';

/** A question about a word of `struct seccomp_data`, or the action that answers it: SECCOMP_RET_*. */
export type Decision = number | Question;

/** Loads a word and tests it; the first test that holds leads on. */
export interface Question {
  /** Offset of the word in `struct seccomp_data`, in bytes. */
  readonly load: number;
  /** The bits of the word that are tested, if that is not all of them. */
  readonly mask?: number;
  /** At least one. */
  readonly tests: readonly Test[];
  /** Where no test holds. */
  readonly otherwise: Decision;
}

/** A comparison of the word with a constant. */
export interface Test {
  readonly cond: Condition;
  readonly k: number;
  readonly next: Decision;
}

/** Equality with each of some values, with the same consequence. */
export function isOneOf(values: readonly number[], next: Decision): Test[] {
  return values.map((k) => ({ cond: 'jeq', k, next }));
}

/** Writes a decision as a program: questions in order, each followed by what its tests lead to. */
export function programOf(decision: Decision): Program {
  return layOut(blocksOf(decision, '0')).map(({ insn }) => insn);
}

function blocksOf(decision: Decision, label: string): Block[] {
  if (typeof decision === 'number') return [returning(label, decision)];
  const { load, mask, tests, otherwise } = decision;
  const word: Insn = { op: 'ldAbs', size: 4, k: load };
  const masked: Insn[] = mask === undefined ? [] : [{ op: 'aluK', alu: 'and', k: mask }];
  const nameOf = (i: number): string => (i === 0 ? label : `${label}.${i}`);
  const tested = tests.flatMap(({ cond, k, next }, i): Block[] => [
    {
      label: nameOf(i),
      steps: i === 0 ? [word, ...masked].map((insn) => ({ insn })) : [],
      ending: { kind: 'branch', cond, k, yes: `${label}.${i}y`, no: nameOf(i + 1) },
    },
    ...blocksOf(next, `${label}.${i}y`),
  ]);
  return [...tested, ...blocksOf(otherwise, nameOf(tests.length))];
}

function returning(label: string, k: number): Block {
  return { label, steps: [], ending: { kind: 'return', k } };
}
