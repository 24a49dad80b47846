import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll } from 'vitest';
import { fixture, installed, type Running, run, start } from './run.js';

/** Prefix of a command that runs as an ordinary user without a single capability. */
export const NOBODY = [
  'setpriv',
  ...['--reuid', '65534', '--regid', '65534', '--clear-groups'],
  ...['--bounding-set', '-all', '--inh-caps', '-all'],
];

/** The one who is served where nothing else is said. */
export const ALLOWED = ['127.0.0.1', '::1'];

/** A launch by the driver. */
export interface Driven {
  readonly tier?: 'auto' | 'classic' | 'steer';
  readonly lock?: boolean;
  readonly allowed?: readonly string[];
  /** `tcp,::,0` each. */
  readonly listeners?: readonly string[];
  readonly target: readonly string[];
  /** Prefix of the command; an ordinary user if left out. */
  readonly as?: readonly string[];
}

/** A wrapped daemon that serves. */
export interface Served extends Running {
  readonly port: number;
  /** Of the keeper; 0 if there is none. */
  readonly keeper: number;
}

/** Installs the driver in a directory of its own, until the test file is over. */
export function installDriver(): string {
  const root = mkdtempSync(join(tmpdir(), 'alfwrapper-steer-'));
  afterAll(() => rmSync(root, { recursive: true }));
  chmodSync(root, 0o755);
  for (const path of ['alfwrapper', 'build/native']) {
    cpSync(installed(path), join(root, path), { recursive: true });
  }
  buildSync({
    entryPoints: [new URL('./steer-driver.ts', import.meta.url).pathname],
    outfile: join(root, 'dist/alfwrapper.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  return root;
}

/** The command of a launch. */
export function drive(root: string, launch: Driven): string[] {
  const { tier = 'steer', lock = true, allowed = ALLOWED, listeners = ['tcp,127.0.0.1,0'], target } = launch;
  return [
    ...(launch.as ?? NOBODY),
    join(root, 'alfwrapper'),
    tier,
    lock ? 'lock' : 'open',
    allowed.join(','),
    listeners.join('+'),
    ...target,
  ];
}

/** Launches and waits until the target says `ready`. */
export async function serve(root: string, launch: Driven): Promise<Served> {
  const running = start(drive(root, launch), { cwd: '/' });
  await running.until(/^ready$/m);
  const said = running.stderr();
  const port = Number(/\((?:\S+):(\d+)\): tier/.exec(said)?.[1] ?? 0);
  const keeper = Number(/^alfwrapper: keeper is process (\d+)$/m.exec(said)?.[1] ?? 0);
  return { ...running, port, keeper };
}

/** What a prober has seen. */
export interface Probe {
  readonly attempts: number;
  readonly connected: number;
  readonly refused: number;
  /** How many got a byte of an answer. */
  readonly served: number;
}

/** One round of a prober. */
export interface ProbeOptions {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly durationMs: number;
  readonly hops?: number;
  readonly where?: readonly string[];
}

/** Tries to connect in a tight loop. */
export async function probe(options: ProbeOptions): Promise<Probe> {
  const { from, to, port, durationMs, hops = 64, where = [] } = options;
  const args = [from, to, port, durationMs, hops].map(String);
  const { stdout } = await run([...where, fixture('steer-prober'), ...args]);
  return JSON.parse(stdout) as Probe;
}

/** A process from /proc/PID/stat; undefined once it is gone, zombies included. */
export function lookAt(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const [, state = '', parent = ''] =
      /^.*\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** Whether a process runs no more. A zombie has given everything back. */
export function hasEnded(pid: number): boolean {
  const found = lookAt(pid);
  return found === undefined || found.state === 'Z';
}

/** The processes that have this one for a parent. */
export function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((child) => lookAt(child)?.parent === pid);
}

/** Waits until it is so. @returns how long that took, in milliseconds */
export async function waitFor(isSo: () => boolean, mostMs: number): Promise<number> {
  const from = performance.now();
  while (!isSo()) {
    if (performance.now() - from > mostMs) throw new Error(`not so after ${mostMs} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now() - from;
}
