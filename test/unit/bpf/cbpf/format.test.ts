import { expect, it } from 'vitest';
import { formatProgram, type Program } from '../../../../src/bpf/cbpf/index.js';

it('prints every instruction in the notation of bpf_asm', () => {
  const program: Program = [
    { op: 'ldAbs', size: 4, k: 12 },
    { op: 'ldAbs', size: 2, k: 0xfff00000 },
    { op: 'ldAbs', size: 1, k: 0 },
    { op: 'ldInd', size: 2, k: 2 },
    { op: 'ldExt', extension: 'proto' },
    { op: 'ldLen' },
    { op: 'ldImm', k: 7 },
    { op: 'st', k: 1 },
    { op: 'stx', k: 2 },
    { op: 'ldMem', k: 1 },
    { op: 'ldxImm', k: 7 },
    { op: 'ldxLen' },
    { op: 'ldxMem', k: 2 },
    { op: 'ldxMsh', k: 0xfff00000 },
    { op: 'aluK', alu: 'and', k: 0xffffff00 },
    { op: 'aluX', alu: 'xor' },
    { op: 'neg' },
    { op: 'tax' },
    { op: 'txa' },
    { op: 'jmpK', cond: 'jeq', k: 0x800, jt: 3, jf: 1 },
    { op: 'jmpX', cond: 'jset', jt: 1, jf: 0 },
    { op: 'ja', k: 1 },
    { op: 'retA' },
    { op: 'retK', k: 0xffffffff },
  ];
  expect(formatProgram(program, (at) => (at === 23 ? 'allow' : undefined))).toBe(`    ld [12]
    ldh [0xfff00000]
    ldb [0]
    ldh [x + 2]
    ld proto
    ld #len
    ld #7
    st M[1]
    stx M[2]
    ld M[1]
    ldx #7
    ldx #len
    ldx M[2]
    ldx 4*([0xfff00000]&0xf)
    and #0xffffff00
    xor x
    neg
    tax
    txa
    jeq #2048, L3, L1
    jset x, L2
L1: jmp L3
L2: ret a
L3: ret #0xffffffff                   ; allow
`);
});

it('needs no labels where nothing jumps', () => {
  expect(formatProgram([{ op: 'retK', k: 0 }])).toBe('ret #0\n');
  expect(formatProgram([])).toBe('');
});
