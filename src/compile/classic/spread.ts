import { type Insn, programBytes } from '../../bpf/cbpf/index.js';
import { checkCapacity } from './capacity.js';
import type { CompiledPolicy } from './compile.js';

/** A steering program for groups with any number of listeners. */
export interface SpreadPolicy extends CompiledPolicy {
  /** Index of the instruction `mod #1`, whose operand is the number of listeners. */
  readonly spread: number;
}

/** What replaces `ret #1`. Its last instruction returns the index of a listener, from 1 on. */
const TAIL: readonly (readonly [insn: Insn, note: string])[] = [
  [{ op: 'ldExt', extension: 'rand' }, 'any of the listeners'],
  [{ op: 'aluK', alu: 'mod', k: 1 }, 'as many as listen'],
  [{ op: 'aluK', alu: 'add', k: 1 }, 'the sink is the first of the group'],
  [{ op: 'retA' }, 'allow'],
];

/** Index of `mod` in the tail. */
const SPREAD = 1;

/** What the program of one listener returns for it. */
const LISTENER = 1;

/**
 * Turns the steering program of one listener into one that spreads connections over `k` listeners, at random.
 *
 * Where that returns 1, this returns `1 + random % k`. Jumps stay as they are: each `ret #1` becomes a jump to
 * instructions that are appended.
 *
 * @param optmemMax `net.core.optmem_max` in bytes, where it is known
 * @throws AlfError ALF_CAPACITY if the result does not fit
 */
export function spreadListeners(compiled: CompiledPolicy, optmemMax: number | undefined): SpreadPolicy {
  const { program, notes, mode } = compiled;
  const { length } = program;
  const spread = [
    ...program.map(
      (insn, at): Insn =>
        insn.op === 'retK' && insn.k === LISTENER ? { op: 'ja', k: length - at - 1 } : insn,
    ),
    ...TAIL.map(([insn]) => insn),
  ];
  checkCapacity(spread, mode, optmemMax);
  return {
    program: spread,
    notes: () => {
      const own = notes();
      return [...program.map((_, at) => own[at]), ...TAIL.map(([, note]) => note)];
    },
    mode,
    bytes: programBytes(spread),
    spread: length + SPREAD,
  };
}
