import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describeObject, ENTRY_IN_PLACE } from '../../../src/abi/index.js';
import { summarizeLog } from '../../../src/ebpf/verifier.js';
import { loadOps } from '../../../src/native/load.js';
import type { BpfOps } from '../../../src/native/ops.js';

/** Where a guest has the objects: a directory a compiler. */
export const OBJECTS = '/objects';

/** What came of loading one program of an object. */
export interface Load {
  readonly compiler: string;
  readonly object: string;
  readonly program: string;
  readonly ms: number;
  /** How many instructions the verifier went through; since Linux 5.16. */
  readonly insns?: number;
  /** Why it was refused. */
  readonly refused?: string;
  /** It is the program that reads in place, and the kernel or a capability for that is missing: the product loads the other one. */
  readonly unsuited?: true;
  /** The end of what the verifier said. */
  readonly log?: readonly string[];
}

/** Loads of all objects, and how long the smallest program takes here. */
export interface Loads {
  readonly smallestMs: number;
  readonly loads: readonly Load[];
}

const LAST_LINES = 12;

/** Loads every program of every object, with the privileges of this process. */
export function loadAll(): Loads {
  const ops = loadOps('/alf', process.dlopen);
  const bpf = ops.bpf();
  // The first one pays for what is set up once.
  const smallest = [1, 2, 3].map(() => timed(() => ops.core.probeSocketFilter()).ms);
  const loads = readdirSync(OBJECTS).flatMap((compiler) =>
    readdirSync(`${OBJECTS}/${compiler}`).flatMap((object) => {
      const file = readFileSync(`${OBJECTS}/${compiler}/${object}`);
      const programs = describeObject(file).programs.filter(({ section }) => section.startsWith('socket'));
      return programs.map(({ name }) => ({
        compiler,
        object,
        program: name,
        ...loadProgram(bpf, file, name),
      }));
    }),
  );
  return { smallestMs: Math.min(...smallest), loads };
}

function loadProgram(
  bpf: BpfOps,
  file: Uint8Array,
  program: string,
): Omit<Load, 'compiler' | 'object' | 'program'> {
  bpf.takeLog();
  const handle = bpf.objectOpen(file, 'checked');
  if (handle < 0) return { ms: 0, ...refusal(handle, bpf.takeLog()) };
  try {
    const filled = program === ENTRY_IN_PLACE ? bpf.objectFill(handle, program) : 0;
    if (filled < 0) return { ms: 0, unsuited: true, refused: nameOf(filled) };
    const { result, ms } = timed(() => bpf.objectLoad(handle, program, false));
    if (program === ENTRY_IN_PLACE && result === -constants.errno.EPERM)
      return { ms, unsuited: true, refused: nameOf(result) };
    if (result < 0) return { ms, ...refusal(result, traceAgain(bpf, file, program)) };
    const info = readFileSync(`/proc/self/fdinfo/${bpf.objectProgram(handle, program)}`, 'latin1');
    const insns = /^verified_insns:\s*(\d+)$/m.exec(info)?.[1];
    return { ms, ...(insns && { insns: Number(insns) }) };
  } finally {
    bpf.objectClose(handle);
  }
}

/** The verifier says where it was only if it is asked to. */
function traceAgain(bpf: BpfOps, file: Uint8Array, program: string): string {
  const handle = bpf.objectOpen(file, 'checked');
  if (program === ENTRY_IN_PLACE) bpf.objectFill(handle, program);
  bpf.takeLog();
  bpf.objectLoad(handle, program, true);
  bpf.objectClose(handle);
  return bpf.takeLog();
}

function refusal(status: number, log: string): Pick<Load, 'refused' | 'log'> {
  const lines = log.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('libbpf: '));
  return {
    refused: `${summarizeLog(log)?.reason ?? 'no reason'} (${nameOf(status)})`,
    log: lines.slice(-LAST_LINES),
  };
}

function nameOf(status: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === -status)?.[0] ?? String(status);
}

function timed<T>(action: () => T): { result: T; ms: number } {
  const began = performance.now();
  const result = action();
  return { result, ms: performance.now() - began };
}
