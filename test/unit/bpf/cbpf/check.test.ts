import { describe, expect, it } from 'vitest';
import { checkProgram, type Insn, type Program } from '../../../../src/bpf/cbpf/index.js';

const allow: Insn = { op: 'retK', k: 1 };
const idle: Insn = { op: 'tax' };

const refused: readonly [string, Program, number, RegExp][] = [
  ['nothing', [], 0, /empty/],
  [
    'one instruction too many',
    new Array<Insn>(4097).fill(allow),
    4096,
    /4097 instructions are more than 4096/,
  ],
  ['an end that does not return', [allow, idle], 1, /does not return/],
  ['ja past the end', [{ op: 'ja', k: 1 }, allow], 0, /leaves the program/],
  ['jt past the end', [{ op: 'jmpK', cond: 'jeq', k: 0, jt: 1, jf: 0 }, allow], 0, /leaves the program/],
  ['jf past the end', [{ op: 'jmpX', cond: 'jeq', jt: 0, jf: 1 }, allow], 0, /leaves the program/],
  [
    'a jump of 256',
    [{ op: 'jmpK', cond: 'jeq', k: 0, jt: 256, jf: 0 }, ...new Array<Insn>(300).fill(allow)],
    0,
    /0 to 255/,
  ],
  ['a negative operand', [{ op: 'ldImm', k: -1 }, allow], 0, /unsigned 32-bit/],
  ['division by 0', [{ op: 'aluK', alu: 'div', k: 0 }, allow], 0, /division by 0/],
  ['remainder by 0', [{ op: 'aluK', alu: 'mod', k: 0 }, allow], 0, /division by 0/],
  ['a shift by 32', [{ op: 'aluK', alu: 'lsh', k: 32 }, allow], 0, /shift by 32/],
  ['cell 16', [{ op: 'st', k: 16 }, allow], 0, /no scratch cell 16/],
  ['an unknown extension', [{ op: 'ldAbs', size: 4, k: 0xfffff0f0 }, allow], 0, /no extension 0xfffff0f0/],
  ['a cell never set', [{ op: 'ldMem', k: 0 }, allow], 0, /may not be set/],
  [
    'a cell set on one of two ways',
    [{ op: 'jmpK', cond: 'jeq', k: 0, jt: 0, jf: 1 }, { op: 'st', k: 2 }, { op: 'ldxMem', k: 2 }, allow],
    2,
    /may not be set/,
  ],
  [
    'a cell not set before a return that lies in front',
    [
      { op: 'jmpK', cond: 'jeq', k: 0, jt: 0, jf: 2 },
      { op: 'st', k: 0 },
      { op: 'ja', k: 1 },
      allow,
      { op: 'ldMem', k: 0 },
      allow,
    ],
    4,
    /may not be set/,
  ],
];

const accepted: readonly [string, Program][] = [
  ['one return', [allow]],
  ['4096 instructions', new Array<Insn>(4096).fill(allow)],
  ['jumps to the last instruction', [{ op: 'jmpK', cond: 'jeq', k: 0, jt: 1, jf: 0 }, idle, allow]],
  [
    'a cell set on both ways',
    [
      { op: 'jmpK', cond: 'jeq', k: 0, jt: 0, jf: 2 },
      { op: 'st', k: 2 },
      { op: 'ja', k: 1 },
      { op: 'stx', k: 2 },
      { op: 'ldMem', k: 2 },
      allow,
    ],
  ],
  ['division by X, which is judged when it runs', [{ op: 'aluX', alu: 'div' }, allow]],
  ['offsets of headers', [{ op: 'ldAbs', size: 4, k: 0xffe00000 }, { op: 'retA' }]],
];

describe('checkProgram', () => {
  it.each(refused)('refuses %s', (_, program, at, reason) => {
    expect(checkProgram(program)).toEqual({ at, reason: expect.stringMatching(reason) });
  });

  it.each(accepted)('accepts %s', (_, program) => {
    expect(checkProgram(program)).toBeUndefined();
  });
});
