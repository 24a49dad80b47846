import { readdirSync, readFileSync } from 'node:fs';
import { fixture, installed, type Running, run, start } from './run.js';
import { AS_NOBODY } from './users.js';

/** The prefix of a command unless another is given. */
export const NOBODY = AS_NOBODY;

/** The one who is served where nothing else is said. */
export const ALLOWED = ['127.0.0.1', '::1'];

/** A launch with rules that allow some sources. */
export interface Driven {
  readonly tier?: 'auto' | 'classic' | 'steer';
  readonly lock?: boolean;
  readonly allowed?: readonly string[];
  /** `tcp,::,0` each. */
  readonly listeners?: readonly string[];
  readonly target: readonly string[];
  /** Where alfwrapper is installed, if not where it usually is in tests. */
  readonly root?: string;
  /** Prefix of the command; an ordinary user if left out. */
  readonly as?: readonly string[];
}

/** A wrapped daemon that serves. */
export interface Served extends Running {
  readonly port: number;
  /** Of the keeper; 0 if there is none. */
  readonly keeper: number;
}

/** The command of a launch. */
export function drive(launch: Driven): string[] {
  const { tier = 'steer', lock = true, allowed = ALLOWED, listeners = ['tcp,127.0.0.1,0'], target } = launch;
  return [
    ...(launch.as ?? NOBODY),
    ...[`${launch.root ?? installed('.')}/alfwrapper`, '-v', '--tier', tier, ...(lock ? [] : ['--no-lock'])],
    ...listeners.flatMap((listener) => ['--listen', specOf(listener)]),
    ...['--allow', allowed.join(','), '--', ...target],
  ];
}

function specOf(listener: string): string {
  const [protocol, address = '', port] = listener.split(',');
  return `${protocol}:${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Launches and waits until the target says `ready`. */
export async function serve(launch: Driven): Promise<Served> {
  const running = start(drive(launch), { cwd: '/' });
  await running.until(/^ready$/m);
  const said = running.stderr();
  const port = Number(/\((?:\S+):(\d+)\): tier/.exec(said)?.[1] ?? 0);
  const keeper = Number(/^alfwrapper: keeper is process (\d+)$/m.exec(said)?.[1] ?? 0);
  return { ...running, port, keeper };
}

/** Ports below those the kernel gives to clients: one that is to be used again may have become a client's meanwhile. */
let nextPort = 10_000 + ((process.pid * 16) % 20_000);

/** A port of this test file's own, to be used more than once. */
export function fixedPort(): number {
  return nextPort++;
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
