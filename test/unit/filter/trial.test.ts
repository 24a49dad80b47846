import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProgram, encodeProgram, type Instruction } from '../../../src/bpf/ebpf/instruction.js';
import { findContext } from '../../../src/filter/trial/context.js';
import { shiftPacket } from '../../../src/filter/trial/shift.js';
import { failureOf } from '../support/failure.js';

const insn = (code: number, fields: Partial<Instruction> = {}): Instruction => ({
  ...{ code, dst: 0, src: 0, offset: 0, imm: 0 },
  ...fields,
});

const copy = (dst: number, src: number) => insn(0xbf, { dst, src });
const set = (dst: number, imm: number) => insn(0xb7, { dst, imm });
const loadWord = (dst: number, src: number, offset = 0) => insn(0x61, { dst, src, offset });
const helper = (imm: number) => insn(0x85, { imm });
const localCall = (imm: number) => insn(0x85, { src: 1, imm });
const jump = (offset: number) => insn(0x05, { offset });
const jumpIfZero = (dst: number, offset: number) => insn(0x15, { dst, offset });
const exit = insn(0x95);
const ADDED = insn(0x07, { dst: 2, imm: 20 });
const shorter = (dst: number) => insn(0x14, { dst, imm: 20 });

describe('a program', () => {
  it('is the same, read and written, in both byte orders', () => {
    const instruction = fc.record({
      code: fc.nat(255),
      dst: fc.nat(15),
      src: fc.nat(15),
      offset: fc.integer({ min: -32768, max: 32767 }),
      imm: fc.integer(),
    });
    fc.assert(
      fc.property(fc.array(instruction), fc.boolean(), (program, littleEndian) => {
        expect(decodeProgram(encodeProgram(program, littleEndian), littleEndian)).toEqual(program);
      }),
    );
  });

  it('is laid out as the kernel has it', () => {
    const bytes = encodeProgram([insn(0x61, { dst: 3, src: 6, offset: -8, imm: 258 })], true);
    expect(Buffer.from(bytes).toString('hex')).toBe('6163f8ff02010000');
  });
});

describe('findContext', () => {
  const registers = (program: Instruction[], at: number) => {
    const bits = findContext(program)[at];
    return bits === undefined ? undefined : [...Array(11).keys()].filter((r) => (bits >> r) & 1);
  };

  it.each<[string, Instruction[], number, number[] | undefined]>([
    ['is r1 at first', [exit], 0, [1]],
    ['is copied', [copy(6, 1), exit], 1, [1, 6]],
    ['is gone when something else is put there', [copy(6, 1), set(6, 0), exit], 2, [1]],
    ['outlives a call in r6 only', [copy(6, 1), helper(5), exit], 2, [6]],
    ['outlives a load from the packet in r6 only', [copy(6, 1), insn(0x20), exit], 2, [6]],
    [
      'comes back from the stack',
      [
        insn(0x7b, { dst: 10, src: 1, offset: -8 }),
        helper(5),
        insn(0x79, { dst: 3, src: 10, offset: -8 }),
        exit,
      ],
      3,
      [3],
    ],
    [
      'does not come back from a word that was overwritten',
      [
        insn(0x7b, { dst: 10, src: 1, offset: -16 }),
        insn(0x62, { dst: 10, offset: -12 }),
        insn(0x79, { dst: 3, src: 10, offset: -16 }),
        exit,
      ],
      3,
      [1],
    ],
    ['is what all ways agree on', [jumpIfZero(1, 1), copy(7, 1), exit], 2, [1]],
    ['follows a jump back', [copy(6, 1), set(1, 0), jump(-2), exit], 1, [6]],
    ['is handed to functions of the program', [copy(2, 1), localCall(1), exit, loadWord(0, 2)], 3, [1, 2]],
    ['skips both halves of a wide constant', [insn(0x18, { dst: 1 }), insn(0), exit], 2, []],
    ['is nowhere where nothing leads', [exit, exit], 1, undefined],
  ])('%s', (_, program, at, expected) => {
    // The way back joins two: the second time r1 is gone.
    expect(registers(program, at)).toEqual(expected);
  });
});

describe('shiftPacket', () => {
  it.each<[string, Instruction[], Instruction[]]>([
    [
      'moves what is loaded from the packet',
      [insn(0x28, { imm: 12 }), exit],
      [insn(0x28, { imm: 32 }), exit],
    ],
    [
      'moves it with an index too',
      [insn(0x50, { src: 1, imm: 0 }), exit],
      [insn(0x50, { src: 1, imm: 20 }), exit],
    ],
    [
      'leaves the network header',
      [insn(0x28, { imm: -0x100000 }), exit],
      [insn(0x28, { imm: -0x100000 }), exit],
    ],
    ['moves what the helper loads', [helper(26), exit], [ADDED, helper(26), exit]],
    ['leaves the helper that says from where', [helper(68), exit], [helper(68), exit]],
    ['shortens the length', [loadWord(0, 1), exit], [loadWord(0, 1), shorter(0), exit]],
    ['tells the interface', [loadWord(3, 1, 36), exit], [insn(0xb4, { dst: 3, imm: 7 }), exit]],
    ['leaves other fields', [loadWord(0, 1, 16), exit], [loadWord(0, 1, 16), exit]],
    ['leaves what is no packet', [copy(1, 10), loadWord(0, 1), exit], [copy(1, 10), loadWord(0, 1), exit]],
    [
      'lets jumps go over what was added, to what comes in front of a call',
      [jumpIfZero(3, 1), helper(26), helper(26), jump(-3)],
      [jumpIfZero(3, 2), ADDED, helper(26), ADDED, helper(26), jump(-5)],
    ],
    [
      'lets calls go where they went',
      [loadWord(0, 1), localCall(1), exit, loadWord(0, 1), exit],
      [loadWord(0, 1), shorter(0), localCall(1), exit, loadWord(0, 1), shorter(0), exit],
    ],
    [
      'lets long jumps go where they went',
      [insn(0x06, { imm: 1 }), helper(26), exit],
      [insn(0x06, { imm: 2 }), ADDED, helper(26), exit],
    ],
  ])('%s', (_, program, expected) => {
    expect(shiftPacket(program, { networkHeader: 20, ifindex: 7 })).toEqual(expected);
  });

  it.each([
    ['a function of the kernel', insn(0x85, { src: 2 })],
    ['the address of a function', insn(0x18, { src: 4 })],
  ])('refuses %s', (_, instruction) => {
    expect(
      failureOf(() => shiftPacket([instruction, insn(0), exit], { networkHeader: 20, ifindex: 7 })),
    ).toEqual({
      code: 'ALF_OBJECT',
      message: 'the filter calls kernel functions other than helpers, or has callbacks',
      hint: 'it cannot be tried on crafted packets; run it, and connect',
    });
  });
});
