import { type Insn, programBytes } from '../../bpf/cbpf/index.js';
import { checkCapacity } from './capacity.js';
import type { CompiledPolicy } from './compile.js';

/** Destination ports whose packets are not judged. */
export interface ExemptPorts {
  /** The range, both ends included. */
  readonly first: number;
  readonly last: number;
  /** Ports of the range whose packets are judged all the same. */
  readonly except: readonly number[];
}

/** Where the destination port is behind the start of a TCP or UDP header, in bytes. */
const DESTINATION_PORT = 2;

/** What a socket filter returns to keep a packet whole. */
const KEEP = 0xffffffff;

/**
 * Lets a socket filter pass packets to some destination ports, and judge all others as it did.
 *
 * @param compiled of mode `socket`, for a protocol with ports
 * @param optmemMax `net.core.optmem_max` in bytes, where it is known
 * @throws AlfError ALF_CAPACITY if the result does not fit
 */
export function exemptPorts(
  compiled: CompiledPolicy,
  { first, last, except }: ExemptPorts,
  optmemMax: number | undefined,
): CompiledPolicy {
  const judged = [...new Set(except)].filter((port) => port >= first && port <= last);
  // A jump of 32 bits after each test: there may be more ports than a conditional jump reaches.
  const tests: readonly Insn[] = [
    { op: 'jmpK', cond: 'jge', k: first, jt: 1, jf: 0 },
    { op: 'ja', k: 0 },
    { op: 'jmpK', cond: 'jgt', k: last, jt: 0, jf: 1 },
    { op: 'ja', k: 0 },
    ...judged.flatMap((k): Insn[] => [
      { op: 'jmpK', cond: 'jeq', k, jt: 0, jf: 1 },
      { op: 'ja', k: 0 },
    ]),
  ];
  const head: readonly Insn[] = [
    { op: 'ldAbs', size: 2, k: DESTINATION_PORT },
    ...tests.map((insn, at): Insn => (insn.op === 'ja' ? { op: 'ja', k: tests.length - at } : insn)),
    { op: 'retK', k: KEEP },
  ];
  const program = [...head, ...compiled.program];
  checkCapacity(program, compiled.mode, optmemMax);
  return {
    program,
    notes: () => [
      'destination port',
      ...tests.map(() => undefined),
      'allow: a port of clients',
      ...compiled.notes(),
    ],
    mode: compiled.mode,
    bytes: programBytes(program),
  };
}
