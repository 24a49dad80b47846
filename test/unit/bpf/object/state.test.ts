import { describe, expect, it } from 'vitest';
import { encodeProgram, type Instruction } from '../../../../src/bpf/ebpf/index.js';
import { traitsOf } from '../../../../src/bpf/object/index.js';
import { failureOf } from '../../support/failure.js';

const insn = (code: number, fields: Partial<Instruction> = {}): Instruction => ({
  ...{ code, dst: 0, src: 0, offset: 0, imm: 0 },
  ...fields,
});

const EXIT = insn(0x95);

const keepsState = (...program: readonly Instruction[]) =>
  [true, false].map((littleEndian) => {
    const code = encodeProgram([...program, EXIT], littleEndian);
    return traitsOf(undefined, [code], littleEndian).keepsState;
  });

describe('a program keeps state', () => {
  it.each<[string, boolean, Instruction]>([
    ['if it stores behind a pointer', true, insn(0x7b, { dst: 1, src: 0, offset: 8 })],
    ['if it stores a constant there', true, insn(0x62, { dst: 6, imm: 1 })],
    ['not if it stores in its stack', false, insn(0x7b, { dst: 10, src: 1, offset: -8 })],
    ['if it calls bpf_map_update_elem', true, insn(0x85, { imm: 2 })],
    ['not if it calls bpf_map_lookup_elem', false, insn(0x85, { imm: 1 })],
    ['not if it calls a function of its own', false, insn(0x85, { src: 1, imm: 2 })],
    ['if it calls a function of the kernel', true, insn(0x85, { src: 2, imm: 1 })],
    ['not if it loads', false, insn(0x79, { dst: 1, src: 1 })],
  ])('%s', (_, expected, instruction) => {
    expect(keepsState(instruction)).toEqual([expected, expected]);
  });

  it('which is not told of code that is cut short', () => {
    expect(failureOf(() => traitsOf(undefined, [new Uint8Array(12)], true))).toEqual({
      code: 'ALF_OBJECT',
      message: 'the code of the object is damaged or cut short',
      hint: 'compile the object again',
    });
  });
});
