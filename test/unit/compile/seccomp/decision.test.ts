import { describe, expect, it } from 'vitest';
import { checkProgram, interpret } from '../../../../src/bpf/cbpf/index.js';
import { type Decision, isOneOf, programOf } from '../../../../src/compile/seccomp/decision.js';

describe('programOf', () => {
  it('is nothing but a return for an action', () => {
    expect(programOf(7)).toEqual([{ op: 'retK', k: 7 }]);
  });

  it('puts what a test leads to right after the test, and the rest after that', () => {
    const inner: Decision = { load: 8, tests: [{ cond: 'jset', k: 3, next: 1 }], otherwise: 2 };
    const outer = { load: 4, tests: [{ cond: 'jeq', k: 5, next: inner } as const], otherwise: 9 };
    expect(programOf(outer)).toEqual([
      { op: 'ldAbs', size: 4, k: 4 },
      { op: 'jmpK', cond: 'jeq', k: 5, jt: 0, jf: 4 },
      { op: 'ldAbs', size: 4, k: 8 },
      { op: 'jmpK', cond: 'jset', k: 3, jt: 0, jf: 1 },
      { op: 'retK', k: 1 },
      { op: 'retK', k: 2 },
      { op: 'retK', k: 9 },
    ]);
  });

  it('decides the same where what a test leads to is longer than a conditional jump reaches', () => {
    const many = { load: 4, tests: isOneOf([...Array(200).keys()], 1), otherwise: 2 };
    const program = programOf({ load: 0, tests: isOneOf([8, 9], many), otherwise: 3 });
    expect(checkProgram(program)).toBeUndefined();
    const decide = (first: number, second: number) => {
      const bytes = Uint8Array.of(0, 0, 0, first, 0, 0, second >> 8, second & 255);
      return interpret(program, { bytes, dataOffset: 0, protocol: 0, ifindex: 0 }).verdict;
    };
    const cases = [
      [8, 199, 1],
      [9, 0, 1],
      [9, 200, 2],
      [8, 300, 2],
      [7, 0, 3],
    ] as const;
    for (const [first, second, verdict] of cases) expect(decide(first, second)).toBe(verdict);
  });
});
