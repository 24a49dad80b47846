import { describe, expect, it } from 'vitest';
import { checkProgram, disassemble } from '../../../../src/bpf/cbpf/index.js';
import { compileGuard } from '../../../../src/compile/seccomp/index.js';
import { answerTo, type Call } from '../../support/seccomp.js';

const [KILL, ALLOW, EPERM] = [0x80000000, 0x7fff0000, 0x00050001];

type Row = readonly ['ld' | 'jeq' | 'jset' | 'ret', k: number, jt?: number, jf?: number];

/** setsockopt by its number, and what refuses it, up to the calls that differ between interfaces. */
const commonCalls = (setsockopt: number): Row[] => [
  ['ld', 0],
  ['jeq', setsockopt, 0, 18],
  ['ld', 24],
  ['jeq', 1, 0, 10],
  ['ld', 32],
  ['jeq', 15, 0, 1],
  ['ret', EPERM],
  ['jeq', 51, 0, 1],
  ['ret', EPERM],
  ['jeq', 52, 0, 1],
  ['ret', EPERM],
  ['jeq', 68, 0, 1],
  ['ret', EPERM],
  ['ret', ALLOW],
  ['jeq', 17, 0, 4],
  ['ld', 32],
  ['jeq', 100, 0, 1],
  ['ret', EPERM],
  ['ret', ALLOW],
  ['ret', ALLOW],
  ['jeq', 425, 0, 1],
  ['ret', EPERM],
  ['jeq', 426, 0, 1],
  ['ret', EPERM],
  ['jeq', 427, 0, 1],
  ['ret', EPERM],
];

const listing = (own: Row, ownSetsockopt: number, other: Row, otherSetsockopt: number): Row[] => [
  ['ld', 4],
  own,
  ...commonCalls(ownSetsockopt),
  ['jset', 0x40000000, 0, 1],
  ['ret', EPERM],
  ['ret', ALLOW],
  other,
  ...commonCalls(otherSetsockopt),
  ['jeq', 102, 0, 4],
  ['ld', 16],
  ['jeq', 14, 0, 1],
  ['ret', EPERM],
  ['ret', ALLOW],
  ['ret', ALLOW],
  ['ret', KILL],
];

const listings: Readonly<Record<string, Row[]>> = {
  x86_64: listing(['jeq', 0xc000003e, 0, 29], 54, ['jeq', 0x40000003, 0, 32], 366),
  aarch64: listing(['jeq', 0xc00000b7, 0, 29], 208, ['jeq', 0x40000028, 0, 32], 294),
};

const CODES = { ld: 0x20, jeq: 0x15, jset: 0x45, ret: 0x06 } as const;

function bytesOf(rows: readonly Row[]): Uint8Array {
  const bytes = Buffer.alloc(rows.length * 8);
  for (const [i, [op, k, jt = 0, jf = 0]] of rows.entries()) {
    bytes.writeUInt16LE(CODES[op], i * 8);
    bytes.writeUInt8(jt, i * 8 + 2);
    bytes.writeUInt8(jf, i * 8 + 3);
    bytes.writeUInt32LE(k, i * 8 + 4);
  }
  return new Uint8Array(bytes);
}

const X86_64 = 0xc000003e;
const I386 = 0x40000003;

/** What the guard of x86-64 answers to a call. */
const answer = (...call: Call) => answerTo(compileGuard('x86_64'), ...call);

describe('compileGuard', () => {
  it.each(Object.entries(listings))('gives this program for %s', (machine, rows) => {
    expect(compileGuard(machine)).toEqual(bytesOf(rows));
  });

  it.each(Object.keys(listings))('gives a program that the kernel takes for %s', (machine) => {
    expect(checkProgram(disassemble(compileGuard(machine) ?? new Uint8Array()))).toBeUndefined();
  });

  it.each(['', 'X86_64', 'x64', 'i686', 'riscv64', 'toString'])('gives none for %j', (machine) => {
    expect(compileGuard(machine)).toBeUndefined();
  });

  it.each([
    ['SO_REUSEPORT', EPERM, X86_64, 54, [3, 1, 15]],
    ['SO_ATTACH_REUSEPORT_CBPF', EPERM, X86_64, 54, [3, 1, 51]],
    ['SO_ATTACH_REUSEPORT_EBPF', EPERM, X86_64, 54, [3, 1, 52]],
    ['SO_DETACH_REUSEPORT_BPF', EPERM, X86_64, 54, [3, 1, 68]],
    ['SO_DETACH_FILTER', ALLOW, X86_64, 54, [3, 1, 27]],
    ['SO_REUSEADDR', ALLOW, X86_64, 54, [3, 1, 2]],
    ['UDP_ENCAP', EPERM, X86_64, 54, [3, 17, 100]],
    ['UDP_CORK', ALLOW, X86_64, 54, [3, 17, 1]],
    ['option 15 of IPPROTO_TCP', ALLOW, X86_64, 54, [3, 6, 15]],
    ['io_uring_setup', EPERM, X86_64, 425, []],
    ['io_uring_register', EPERM, X86_64, 427, []],
    ['the call before io_uring', ALLOW, X86_64, 424, []],
    ['setsockopt by the x32 ABI', EPERM, X86_64, 0x40000000 + 541, [3, 1, 2]],
    ['read', ALLOW, X86_64, 0, []],
    ['the number of socketcall(2) where it is another call', ALLOW, X86_64, 102, [14]],
    ['SO_REUSEPORT by the i386 ABI', EPERM, I386, 366, [3, 1, 15]],
    ['setsockopt through socketcall(2)', EPERM, I386, 102, [14]],
    ['another call through socketcall(2)', ALLOW, I386, 102, [15]],
    ['a call by an unknown ABI', KILL, 0xc00000b7, 208, [3, 1, 15]],
  ] as const)('answers %s', (_, action, arch, number, args) => {
    expect(answer(arch, number, ...args)).toBe(action);
  });
});
