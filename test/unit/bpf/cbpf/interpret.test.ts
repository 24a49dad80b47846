import { describe, expect, it } from 'vitest';
import { type Insn, interpret, type PacketView } from '../../../../src/bpf/cbpf/index.js';

const NET = 0xfff00000;
const view: PacketView = {
  bytes: Uint8Array.from([0x46, 1, 2, 3, 0xde, 0xad, 0xbe, 0xef]),
  dataOffset: 4,
  protocol: 0x86dd,
  ifindex: 9,
};

const results: readonly [string, Insn[], number][] = [
  ['a word at offset 0', [{ op: 'ldAbs', size: 4, k: 0 }], 0xdeadbeef],
  ['a half at offset 2', [{ op: 'ldAbs', size: 2, k: 2 }], 0xbeef],
  ['a byte of the network header', [{ op: 'ldAbs', size: 1, k: NET }], 0x46],
  ['a load across the border of the headers', [{ op: 'ldAbs', size: 4, k: NET + 2 }], 0x0203dead],
  ['a load that ends behind the packet', [{ op: 'ldAbs', size: 4, k: 1 }], 0],
  ['a load before the network header', [{ op: 'ldAbs', size: 1, k: NET - 1 }], 0],
  [
    'X and an offset',
    [
      { op: 'ldxImm', k: 2 },
      { op: 'ldInd', size: 1, k: 1 },
    ],
    0xef,
  ],
  [
    'X and the network header',
    [
      { op: 'ldxMsh', k: NET },
      { op: 'ldInd', size: 1, k: NET - 20 },
    ],
    0xde,
  ],
  [
    'an X that wraps around',
    [
      { op: 'ldxImm', k: 0xffffffff },
      { op: 'ldInd', size: 1, k: 1 },
    ],
    0xde,
  ],
  ['the ethertype', [{ op: 'ldExt', extension: 'proto' }], 0x86dd],
  ['the interface, at its offset and at any width', [{ op: 'ldAbs', size: 1, k: 0xfffff008 }], 9],
  ['the length behind offset 0', [{ op: 'ldLen' }], 4],
  [
    'division by an X of 0',
    [
      { op: 'ldImm', k: 5 },
      { op: 'aluX', alu: 'div' },
    ],
    0,
  ],
  [
    'multiplication that wraps',
    [
      { op: 'ldImm', k: 0xffffffff },
      { op: 'aluK', alu: 'mul', k: 0xffffffff },
    ],
    1,
  ],
  ['a negation', [{ op: 'ldImm', k: 1 }, { op: 'neg' }], 0xffffffff],
  [
    'a shift by more than 31',
    [
      { op: 'ldxImm', k: 33 },
      { op: 'ldImm', k: 1 },
      { op: 'aluX', alu: 'lsh' },
    ],
    2,
  ],
  [
    'an unsigned comparison',
    [
      { op: 'ldImm', k: 0x80000000 },
      { op: 'jmpK', cond: 'jgt', k: 1, jt: 1, jf: 0 },
      { op: 'ldImm', k: 7 },
    ],
    0x80000000,
  ],
];

describe('interpret', () => {
  it.each(results)('%s', (_, insns, verdict) => {
    expect(interpret([...insns, { op: 'retA' }], view).verdict).toBe(verdict);
  });

  it('counts what it executes', () => {
    const jump: Insn = { op: 'ja', k: 2 };
    const end: Insn = { op: 'retK', k: 3 };
    expect(interpret([jump, end, end, end], view)).toEqual({ verdict: 3, executed: 2 });
  });

  it('throws where an unchecked program runs off its end', () => {
    expect(() => interpret([{ op: 'tax' }], view)).toThrow(RangeError);
  });
});
