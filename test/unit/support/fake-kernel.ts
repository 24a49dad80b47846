import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { toHex } from '../../../src/bpf/values/index.js';
import { type LaunchFailure, loadOps } from '../../../src/kernel/index.js';
import { changesOf } from '../../../src/launch/changes.js';
import { throwFailure } from '../../../src/launch/failure.js';
import { encodePlan } from '../../../src/launch/index.js';
import type { Credentials, Plan, PlannedListener } from '../../../src/plan/index.js';
import { cleanEnvironment, fixture } from '../../support/run.js';
import { type Failure, failureOf } from './failure.js';
import { ROOT } from './objects.js';
import { NOBODY } from './plans.js';

const { core } = loadOps(ROOT, process.dlopen);

/** The kernel's numbers. */
export const CONSTANTS = core.constants;

/** The path of the companion in the plans of these tests. */
export const COMPANION = '/companion';

/** What a plan of these tests has; nothing is done for the rest of a plan. */
export type RuntimePlan = Partial<Pick<Plan, 'listeners' | 'identity' | 'drop'>>;

/** What the kernel is to answer, and more about the launch. */
export interface FakeLaunch {
  /** By the name of the call, one answer after the other, or by its number from 1: see test/native/fake-kernel/script.h. */
  readonly answers?: Readonly<Record<string, number | string>>;
  /** Words of the script that occur more than once. */
  readonly words?: readonly string[];
  readonly guard?: Uint8Array;
  readonly credentials?: Credentials;
  /** An encoded target; without one the launch is closed where it would become the target. */
  readonly target?: Uint8Array;
}

/** What a launch came to. */
export interface FakeOutcome {
  /** The calls of all phases. */
  readonly calls: readonly string[];
  /** Those of one phase: `open`, `settle`, `become`, `close`. */
  readonly phase: (name: string) => readonly string[];
  /** Results of one kind, without its name: `removed`, `left`, `socket`, `companion`. */
  readonly results: (name: string) => readonly string[];
  /** How the failed step is worded. */
  readonly failure: Failure | undefined;
}

/**
 * Encodes a plan and has the runtime carry it out on a kernel that prints the calls and answers by a script.
 *
 * The first new descriptor is 7, the others follow; none is used again. The program of tier ebpf is 11.
 */
export function runFake(plan: RuntimePlan, launch: FakeLaunch = {}): FakeOutcome {
  const { answers = {}, words = [], guard = new Uint8Array(), credentials = NOBODY, target } = launch;
  const whole = { listeners: [], drop: { capabilities: [], bounding: false }, ...plan } as unknown as Plan;
  const changes = changesOf(whole, CONSTANTS, credentials);
  const encoded = encodePlan(
    { ...whole, guard: toHex(guard) },
    { constants: CONSTANTS, changes, companion: COMPANION },
  );
  const script = [...Object.entries(answers).map(([name, answer]) => `${name}=${answer}`), ...words];
  const { status, stdout, stderr } = spawnSync(fixture('fake-kernel'), ['program=11', ...script], {
    input: Buffer.concat([encoded, target ?? Buffer.of()]),
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  // A sanitizer's report is on standard error.
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('= closed'))).toEqual([]);
  const failed = resultsOf(lines, 'failure')[0];
  const context = { plan: whole, changes, companion: COMPANION };
  return {
    calls: lines.filter((line) => !line.startsWith('= ')),
    phase: (name) => phaseOf(lines, name),
    results: (name) => resultsOf(lines, name),
    failure: failed === undefined ? undefined : failureOf(() => throwFailure(parseFailure(failed), context)),
  };
}

/** Opens one listener. */
export function openFake(listener: PlannedListener, launch: FakeLaunch = {}): FakeOutcome {
  return runFake({ listeners: [listener] }, launch);
}

function resultsOf(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => line.startsWith(`= ${name} `)).map((line) => line.slice(name.length + 3));
}

const PHASES = ['= open', '= settle', '= become', '= close'];

function phaseOf(lines: readonly string[], name: string): string[] {
  const from = lines.indexOf(`= ${name}`);
  if (from < 0) return [];
  const to = lines.findIndex((line, index) => index > from && PHASES.includes(line));
  return lines.slice(from, to < 0 ? undefined : to).filter((line) => !line.startsWith('= '));
}

function parseFailure(text: string): LaunchFailure {
  const [step = '', ...numbers] = text.split(' ');
  const [part = 0, listener = 0, index = 0, errno = 0] = numbers.map(Number);
  return { step, part, listener, index, errno };
}
