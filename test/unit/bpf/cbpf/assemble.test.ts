import { describe, expect, it } from 'vitest';
import { assemble, disassemble, type Insn } from '../../../../src/bpf/cbpf/index.js';

/** struct sock_filter as this machine has it. */
function raw(code: number, jt: number, jf: number, k: number): number[] {
  const bytes = new Uint8Array(8);
  new Uint16Array(bytes.buffer)[0] = code;
  bytes.set([jt, jf], 2);
  new Uint32Array(bytes.buffer)[1] = k;
  return [...bytes];
}

// The opcodes as bpf_asm prints them.
const table: readonly [Insn, number[]][] = [
  [{ op: 'ldAbs', size: 4, k: 12 }, raw(0x20, 0, 0, 12)],
  [{ op: 'ldAbs', size: 2, k: 0xfff00000 }, raw(0x28, 0, 0, 0xfff00000)],
  [{ op: 'ldAbs', size: 1, k: 0 }, raw(0x30, 0, 0, 0)],
  [{ op: 'ldInd', size: 4, k: 2 }, raw(0x40, 0, 0, 2)],
  [{ op: 'ldInd', size: 2, k: 2 }, raw(0x48, 0, 0, 2)],
  [{ op: 'ldInd', size: 1, k: 2 }, raw(0x50, 0, 0, 2)],
  [{ op: 'ldExt', extension: 'proto' }, raw(0x20, 0, 0, 0xfffff000)],
  [{ op: 'ldExt', extension: 'ifidx' }, raw(0x20, 0, 0, 0xfffff008)],
  [{ op: 'ldExt', extension: 'rand' }, raw(0x20, 0, 0, 0xfffff038)],
  [{ op: 'ldLen' }, raw(0x80, 0, 0, 0)],
  [{ op: 'ldImm', k: 7 }, raw(0x00, 0, 0, 7)],
  [{ op: 'ldMem', k: 15 }, raw(0x60, 0, 0, 15)],
  [{ op: 'ldxImm', k: 7 }, raw(0x01, 0, 0, 7)],
  [{ op: 'ldxLen' }, raw(0x81, 0, 0, 0)],
  [{ op: 'ldxMem', k: 1 }, raw(0x61, 0, 0, 1)],
  [{ op: 'ldxMsh', k: 14 }, raw(0xb1, 0, 0, 14)],
  [{ op: 'st', k: 3 }, raw(0x02, 0, 0, 3)],
  [{ op: 'stx', k: 3 }, raw(0x03, 0, 0, 3)],
  [{ op: 'aluK', alu: 'add', k: 1 }, raw(0x04, 0, 0, 1)],
  [{ op: 'aluX', alu: 'sub' }, raw(0x1c, 0, 0, 0)],
  [{ op: 'aluK', alu: 'mod', k: 3 }, raw(0x94, 0, 0, 3)],
  [{ op: 'aluX', alu: 'xor' }, raw(0xac, 0, 0, 0)],
  [{ op: 'neg' }, raw(0x84, 0, 0, 0)],
  [{ op: 'ja', k: 1000 }, raw(0x05, 0, 0, 1000)],
  [{ op: 'jmpK', cond: 'jeq', k: 0x800, jt: 1, jf: 255 }, raw(0x15, 1, 255, 0x800)],
  [{ op: 'jmpK', cond: 'jgt', k: 1, jt: 0, jf: 1 }, raw(0x25, 0, 1, 1)],
  [{ op: 'jmpX', cond: 'jge', jt: 2, jf: 0 }, raw(0x3d, 2, 0, 0)],
  [{ op: 'jmpK', cond: 'jset', k: 1, jt: 0, jf: 1 }, raw(0x45, 0, 1, 1)],
  [{ op: 'retK', k: 0xffffffff }, raw(0x06, 0, 0, 0xffffffff)],
  [{ op: 'retA' }, raw(0x16, 0, 0, 0)],
  [{ op: 'tax' }, raw(0x07, 0, 0, 0)],
  [{ op: 'txa' }, raw(0x87, 0, 0, 0)],
];

describe('assemble and disassemble', () => {
  it.each(table)('%j', (insn, bytes) => {
    expect([...assemble([insn])]).toEqual(bytes);
    expect(disassemble(Uint8Array.from(bytes))).toEqual([insn]);
  });

  it('takes an empty program and bytes at any alignment', () => {
    expect(assemble([])).toEqual(new Uint8Array(0));
    const bytes = Uint8Array.from([0, ...raw(0x06, 0, 0, 5)]);
    expect(disassemble(bytes.subarray(1))).toEqual([{ op: 'retK', k: 5 }]);
  });

  const refused: readonly [string, number[], RegExp][] = [
    ['a cut instruction', raw(0x06, 0, 0, 0).slice(1), /7 bytes are not a multiple of 8/],
    ['an opcode that does not exist', raw(0xff, 0, 0, 0), /instruction 0 is unknown/],
    ['an opcode of more than eight bits', raw(0x106, 0, 0, 0), /instruction 0 is unknown/],
    ['jump fields on a load', raw(0x20, 1, 0, 0), /instruction 0 is unknown/],
    ['an operand on an instruction without one', raw(0x07, 0, 0, 1), /instruction 0 is unknown/],
    ['an extension that is not ours', raw(0x20, 0, 0, 0xfffff004), /instruction 0 is unknown/],
    ['a load of 64 bits', raw(0x38, 0, 0, 0), /instruction 0 is unknown/],
  ];
  it.each(refused)('refuses %s', (_, bytes, message) => {
    expect(() => disassemble(Uint8Array.from(bytes))).toThrow(message);
  });
});
