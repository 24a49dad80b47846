import type { Program } from './insn.js';

const ALL = 0xffff;

/**
 * Finds the first instruction that reads a scratch cell which was not written on every way there.
 *
 * This is the kernel's test, not a better one. Jumps go only forward, so one pass with one bit per cell is enough.
 * A return does not end the way, though: what is set before it also limits the instruction behind it, even where
 * only jumps lead there. Programs must be laid out so that they pass in spite of it.
 *
 * @param program its jumps stay inside and its cells are 0 to 15
 * @returns the index of the instruction, or undefined if there is none
 * @see net/core/filter.c, check_load_and_stores(), at v6.18
 */
export function findUninitialisedRead(program: Program): number | undefined {
  const arriving = new Uint16Array(program.length).fill(ALL);
  const meet = (target: number, set: number): void => {
    arriving[target] = (arriving[target] ?? 0) & set;
  };
  let set = 0;
  for (const [at, insn] of program.entries()) {
    set &= arriving[at] ?? 0;
    switch (insn.op) {
      case 'st':
      case 'stx':
        set |= 1 << insn.k;
        break;
      case 'ldMem':
      case 'ldxMem':
        if ((set & (1 << insn.k)) === 0) return at;
        break;
      case 'ja':
        meet(at + 1 + insn.k, set);
        set = ALL;
        break;
      case 'jmpK':
      case 'jmpX':
        meet(at + 1 + insn.jt, set);
        meet(at + 1 + insn.jf, set);
        set = ALL;
        break;
    }
  }
  return undefined;
}
