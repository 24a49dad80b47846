import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { copying } from '../../../src/compile/table/index.js';
import { summarizeLog } from '../../../src/filter/verifier.js';
import { loadOps } from '../../../src/kernel/load.js';
import type { BpfOps, CoreOps } from '../../../src/kernel/ops.js';
import { type Change, encodePlan } from '../../../src/launch/index.js';
import type { Identity } from './identity.js';
import { type Load, type Loads, OBJECTS, PROGRAMS, type Program } from './loads.js';

const LAST_LINES = 12;

/** Loads every program with the privileges that this process has. */
function loadAll(core: CoreOps, bpf: BpfOps, programs: readonly Program[]): Loads {
  // The first one pays for what is set up once.
  const smallest = [1, 2, 3].map(() => timed(() => core.probe()).ms);
  const loads = programs.map((each) => {
    const file = readFileSync(`${OBJECTS}/${each.compiler}/${each.object}`);
    return { ...each, ...loadProgram(bpf, file, each.program) };
  });
  return { smallestMs: Math.min(...smallest), loads };
}

/**
 * Loads everything as each of the identities, of which the process is the first.
 *
 * The only one that follows another is CAP_BPF alone: CAP_PERFMON is dropped.
 */
function loadAs(identities: readonly Identity[]): Partial<Record<Identity, Loads>> {
  const { core, bpf } = loadOps('/alf', process.dlopen);
  const programs = JSON.parse(readFileSync(PROGRAMS, 'utf8')) as Program[];
  const loads: Partial<Record<Identity, Loads>> = {};
  for (const [i, identity] of identities.entries()) {
    if (i > 0) keepOnlyBpf(core);
    loads[identity] = loadAll(core, bpf(), programs);
  }
  return loads;
}

function keepOnlyBpf(core: CoreOps): void {
  const mask = 1n << BigInt(core.constants.CAP_BPF);
  const change: Change = {
    operation: 'setCapabilities',
    numbers: [mask, mask, mask],
    code: 'ALF_CAPABILITY',
    what: 'drop CAP_PERFMON',
    hints: {},
  };
  const context = { constants: core.constants, changes: [change], companion: '/' };
  const { failure } = core.launchOpen(encodePlan({ listeners: [] }, context), -1);
  core.launchClose();
  if (failure !== undefined) throw new Error(`unable to drop CAP_PERFMON: ${nameOf(-failure.errno)}`);
}

function loadProgram(bpf: BpfOps, file: Uint8Array, program: string): Omit<Load, keyof Program> {
  bpf.takeLog();
  const handle = bpf.objectOpen(file, 'checked');
  if (handle < 0) return { ms: 0, ...refusal(handle, bpf.takeLog()) };
  try {
    const filled = copying(program) !== undefined ? bpf.relocateKernelSymbols(handle, program) : 0;
    if (filled < 0) return { ms: 0, unsuited: true, refused: nameOf(filled) };
    const { result, ms } = timed(() => bpf.objectLoad(handle, program, false));
    if (copying(program) !== undefined && result === -constants.errno.EPERM)
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
  if (copying(program) !== undefined) bpf.relocateKernelSymbols(handle, program);
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

console.log(JSON.stringify(loadAs(process.argv.slice(2) as Identity[])));
