import { type Insn, interpret, type Program, uapi } from '../../src/bpf/cbpf/index.js';
import { compilePolicy } from '../../src/compile/classic/index.js';
import { etherTypes } from '../../src/net/index.js';
import { blockList, prefix4 } from '../support/block-list.js';
import { denyList } from '../support/deny-list.js';

/**
 * Programs that deny the first prefixes of a block list, by kind. All read the source where an IPv4 header has it.
 */
export const KINDS: Readonly<Record<string, (count: number) => Program>> = { naive, linear, tree };

/** The smallest program. */
export const FLOOR: Program = [deny()];

/** Bytes of a header up to the end of the source address. */
export const HEADER_BYTES = 16;

const ALLOW = 0xffffffff;
/** Compares that share a return; a conditional jump reaches 255. */
const RUN = 250;

function deny(): Insn {
  return { op: 'retK', k: 0 };
}

function allow(): Insn {
  return { op: 'retK', k: ALLOW };
}

function equals(k: number, jt: number, jf: number): Insn {
  return { op: 'jmpK', cond: 'jeq', k, jt, jf };
}

function maskOf(length: number): number {
  return length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
}

const LOAD: Program = [
  { op: 'ldAbs', size: 4, k: uapi.SKF_NET_OFF + 12 },
  { op: 'st', k: 0 },
];

/** Four instructions for each prefix: load, mask, compare, return. */
function naive(count: number): Program {
  const tests = prefixes(count).flatMap(({ address, length }): Insn[] => [
    { op: 'ldMem', k: 0 },
    { op: 'aluK', alu: 'and', k: maskOf(length) },
    equals(address, 0, 1),
    deny(),
  ]);
  return [...LOAD, ...tests, allow()];
}

/** One instruction for each prefix, after one load and mask for each length. */
function linear(count: number): Program {
  const all = prefixes(count);
  const tests = [...new Set(all.map(({ length }) => length))].flatMap((length): Insn[] => {
    const members = all.filter((prefix) => prefix.length === length);
    const runs = Array.from({ length: Math.ceil(members.length / RUN) }, (_, i) =>
      members.slice(i * RUN, (i + 1) * RUN),
    );
    return [
      { op: 'ldMem', k: 0 },
      { op: 'aluK', alu: 'and', k: maskOf(length) },
      ...runs.flatMap((run): Insn[] => [
        ...run.map(({ address }, i) => equals(address, run.length - i, 0)),
        { op: 'ja', k: 1 },
        deny(),
      ]),
    ];
  });
  return [...LOAD, ...tests, allow()];
}

/** The program of the compiler. Packets between local sockets have no EtherType, so the family is fixed. */
function tree(count: number): Program {
  const surroundings = { ifindexOf: new Map<string, number>(), protocol: 'udp' } as const;
  const target = { ...surroundings, mode: 'socket', allow: ALLOW, deny: 0 } as const;
  return compilePolicy(denyList(blockList(4, count)), target).program.map(
    (insn): Insn => (insn.op === 'ldExt' ? { op: 'ldImm', k: etherTypes[4] } : insn),
  );
}

function prefixes(count: number): { address: number; length: number }[] {
  return Array.from({ length: count }, (_, i) => prefix4(i));
}

/** The same program with one verdict for all packets: dropped packets do not queue, kept ones can be received. */
export function verdictForAll(program: Program, verdict: 'allow' | 'deny'): Program {
  const end = verdict === 'allow' ? allow() : deny();
  return program.map((insn) => (insn.op === 'retK' ? end : insn));
}

/** Whether a program allows a source. */
export function allows(program: Program, source: number): boolean {
  const bytes = new Uint8Array(HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(12, source);
  return interpret(program, { bytes, dataOffset: 0, protocol: 0, ifindex: 0 }).verdict !== 0;
}
