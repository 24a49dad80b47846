import { describe, expect, it } from 'vitest';
import { type Block, type Insn, layOut } from '../../../../src/bpf/cbpf/index.js';

function program(blocks: readonly Block[]): Insn[] {
  return layOut(blocks).map(({ insn }) => insn);
}

/** A comparison, `between` idle instructions, and two ways to end: with work to do, and with nothing but a return. */
function far(between: number): Insn[] {
  const idle = Array.from({ length: between }, () => ({ insn: { op: 'tax' } as const }));
  return program([
    { label: 'start', steps: [], ending: { kind: 'branch', cond: 'jeq', k: 1, yes: 'work', no: 'idle' } },
    { label: 'idle', steps: idle, ending: { kind: 'return', k: 3 } },
    { label: 'work', steps: [{ insn: { op: 'txa' } }], ending: { kind: 'return', k: 4 } },
  ]);
}

describe('layOut', () => {
  it('reaches 255 instructions with a conditional jump alone', () => {
    expect(far(254)).toHaveLength(258);
    expect(far(254)[0]).toEqual({ op: 'jmpK', cond: 'jeq', k: 1, jt: 255, jf: 0 });
  });

  it.each([255, 256, 257, 1000])('takes one trampoline for %d and more', (between) => {
    const insns = far(between);
    expect(insns).toHaveLength(between + 5);
    expect(insns.slice(0, 2)).toEqual([
      { op: 'jmpK', cond: 'jeq', k: 1, jt: 0, jf: 1 },
      { op: 'ja', k: between + 1 },
    ]);
  });

  it('copies a return that is far instead of jumping there', () => {
    const idle = Array.from({ length: 300 }, () => ({ insn: { op: 'tax' } as const }));
    const insns = program([
      { label: 'start', steps: [], ending: { kind: 'branch', cond: 'jge', k: 1, yes: 'end', no: 'idle' } },
      { label: 'idle', steps: idle, ending: { kind: 'goto', to: 'end' } },
      { label: 'end', steps: [], ending: { kind: 'return', k: 9 } },
    ]);
    expect(insns.slice(0, 2)).toEqual([
      { op: 'jmpK', cond: 'jge', k: 1, jt: 0, jf: 1 },
      { op: 'retK', k: 9 },
    ]);
  });

  it('shares a trampoline between jumps that reach it', () => {
    const idle = Array.from({ length: 300 }, () => ({ insn: { op: 'tax' } as const }));
    const compare = (label: string, no: string): Block => ({
      label,
      steps: [],
      ending: { kind: 'branch', cond: 'jeq', k: 1, yes: 'work', no },
    });
    const insns = program([
      compare('a', 'b'),
      compare('b', 'c'),
      compare('c', 'idle'),
      { label: 'idle', steps: idle, ending: { kind: 'return', k: 3 } },
      { label: 'work', steps: [{ insn: { op: 'txa' } }], ending: { kind: 'return', k: 4 } },
    ]);
    expect(insns.slice(0, 4).map((insn) => ('jt' in insn ? [insn.jt, insn.jf] : insn.op))).toEqual([
      [2, 0],
      [1, 0],
      [0, 1],
      'ja',
    ]);
  });

  it('spends nothing on a goto to the block behind', () => {
    const insns = program([
      { label: 'a', steps: [{ insn: { op: 'tax' } }], ending: { kind: 'goto', to: 'b' } },
      { label: 'b', steps: [], ending: { kind: 'return', k: 0 } },
    ]);
    expect(insns).toEqual([{ op: 'tax' }, { op: 'retK', k: 0 }]);
  });

  it('throws for a jump backwards', () => {
    expect(() => program([{ label: 'a', steps: [], ending: { kind: 'goto', to: 'a' } }])).toThrow(RangeError);
  });
});
