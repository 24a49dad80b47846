import { spawn } from 'node:child_process';
import { machine } from 'node:os';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { toHex } from '../../src/bpf/values/index.js';
import { compileGuard } from '../../src/compile/seccomp/index.js';
import { parseRecord } from '../../src/exec/index.js';
import { type LaunchFailure, loadOps } from '../../src/kernel/index.js';
import { readCredentials } from '../../src/kernel/probe/index.js';
import { changesOf } from '../../src/launch/changes.js';
import { throwFailure } from '../../src/launch/failure.js';
import { encodePlan, encodeTarget } from '../../src/launch/index.js';
import type { Plan, PlannedListener } from '../../src/plan/index.js';
import { cleanEnvironment, fixture, installed } from './run.js';

/** A launch that is made again and again, each time with another system call failing. */
export interface Faults {
  readonly listeners?: readonly PlannedListener[];
  readonly identity?: Plan['identity'];
  readonly drop?: Plan['drop'];
  readonly target: readonly string[];
  /** Prefix of the command: another user. */
  readonly as?: readonly string[];
  readonly errno: number;
  /** Path at which each launch finds the socket of a process that has ended. */
  readonly stale?: string;
  /** From each of these addresses a connection waits on each listener that is passed in. */
  readonly clients?: readonly string[];
}

/** What a launch came to. */
export interface FaultReport {
  /** The call that failed, from 1; 0 is none. */
  readonly n: number;
  readonly status?: number;
  readonly signal?: number;
  /** Of the target. */
  readonly stdout: string;
  /** Of the runtime; where it returned a failure, as TypeScript words it. */
  readonly stderr: string;
  /** Descriptors that a failed launch has not closed. */
  readonly left: number;
  /** Whether all processes that it had started have ended. */
  readonly alone: boolean;
  /** Whether a listener that was passed in has a filter, or is non-blocking. */
  readonly changed: boolean;
  /** Files of UNIX listeners that exist. */
  readonly files: number;
}

/** Makes the launches; the first report is of one in which no call fails. @throws if the program itself fails */
export async function makeFaults(faults: Faults): Promise<FaultReport[]> {
  const { core } = loadOps(process.cwd(), process.dlopen);
  const companion = installed('build/native/alf-companion');
  const { listeners = [], identity, drop = { capabilities: [], bounding: false } } = faults;
  const plan = { listeners, identity, drop } as unknown as Plan;
  const changes = changesOf(plan, core.constants, readCredentials());
  const isSteered = listeners.some(({ tier, lock }) => tier === 'steer' && lock);
  const guard = isSteered ? { guard: toHex(compileGuard(machine()) ?? new Uint8Array()) } : {};
  const encoded = encodePlan({ ...plan, ...guard }, { constants: core.constants, changes, companion });
  const output = await runProgram(faults, Buffer.concat([encoded, targetOf(faults)]));
  const lines = output.trimEnd().split('\n');
  return lines.map((line) => {
    const { failure, ...report } = JSON.parse(line) as FaultReport & { failure?: LaunchFailure };
    if (failure === undefined) return report;
    return { ...report, stderr: `${report.stderr}${word(failure, { plan, changes, companion })}\n` };
  });
}

function targetOf({ target }: Faults): Uint8Array {
  return encodeTarget({
    path: Buffer.from(target[0] ?? ''),
    argv: target.map((word) => Buffer.from(word)),
    environment: [Buffer.from('LISTEN_FDS=1')],
    record: parseRecord('0 0 1024:4096 0,1,2,'),
  });
}

async function runProgram({ as = [], errno, stale = '-', clients = [] }: Faults, input: Uint8Array) {
  const [program = '', ...args] = [...as, fixture('launch-faults'), String(errno), stale, ...clients];
  const child = spawn(program, args, { env: cleanEnvironment(), cwd: inject('installed') });
  child.stdin.end(input);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const status = await ended;
  if (status !== 0) throw new Error(`launch-faults ended with ${status}:\n${errors}`);
  return output;
}

function word(failure: LaunchFailure, context: Parameters<typeof throwFailure>[1]): string {
  try {
    return throwFailure(failure, context);
  } catch (error) {
    return `alfwrapper: ${(error as Error).message}`;
  }
}
