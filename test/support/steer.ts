import { readdirSync, readFileSync } from 'node:fs';
import { fixture, installed, type Running, run, start } from './run.js';
import { AS_NOBODY } from './users.js';

/** What a daemon can do to a listener by habit or mistake, as words for `steer-target`. */
export const MISTAKES = [
  'detach',
  'detach-filter',
  'attach-filter',
  'attach-classic',
  'attach-ebpf',
  'clear-reuseport',
  'unlock',
] as const;

/** The one who is served where nothing else is said. */
export const ALLOWED = ['127.0.0.1', '::1'];

/** A launch with rules that allow some sources. */
export interface Driven {
  readonly tier?: 'auto' | 'ebpf' | 'classic' | 'steer';
  readonly lock?: boolean;
  readonly allowed?: readonly string[];
  /** `tcp,::,0` each. */
  readonly listeners?: readonly string[];
  /** The target opens the listeners itself. */
  readonly own?: boolean;
  /** More options. */
  readonly options?: readonly string[];
  readonly target: readonly string[];
  /** Where alfwrapper is installed, if not where it usually is in tests. */
  readonly root?: string;
  /** Prefix of the command; an ordinary user if left out. */
  readonly as?: readonly string[];
}

/** A wrapped daemon that serves. */
export interface Served extends Running {
  readonly port: number;
  /** Of the companion; 0 if there is none. */
  readonly companion: number;
}

/** The command of a launch. */
export function drive(launch: Driven): string[] {
  const { tier = 'steer', lock = true, allowed = ALLOWED, listeners = ['tcp,127.0.0.1,0'], target } = launch;
  const opened = listeners.flatMap((listener) => ['--listen', specOf(listener)]);
  return [
    ...(launch.as ?? AS_NOBODY),
    ...[`${launch.root ?? installed('.')}/alfwrapper`, '-v', '--tier', tier, ...(lock ? [] : ['--no-lock'])],
    ...(launch.own ? ['--intercept'] : opened),
    ...(launch.options ?? []),
    ...['--allow', allowed.join(','), '--'],
    ...(launch.own ? [fixture('own-socket'), ...listeners, '--'] : []),
    ...target,
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
  const port = Number(
    /\((?:\S+):(\d+)\): tier|^alfwrapper: \w+ \S+:(\d+) of /m.exec(said)?.slice(1).join('') ?? 0,
  );
  const companion = Number(/^alfwrapper: companion is process (\d+)$/m.exec(said)?.[1] ?? 0);
  return { ...running, port, companion };
}

/** Ports below those the kernel gives to clients: one that is to be used again may have become a client's meanwhile. */
let nextPort = 10_000 + ((process.pid * 16) % 20_000);

/** A port of this test file's own, to be used more than once. */
export function fixedPort(): number {
  return nextPort++;
}

/** How long a loaded machine may take to start a process. */
const COMPANION_MS = 5000;

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

/** The command of a program that tries to connect in a tight loop. */
function prober({ from, to, port, durationMs, hops = 64, where = [] }: ProbeOptions): string[] {
  return [...where, fixture('steer-prober'), ...[from, to, port, durationMs, hops].map(String)];
}

/** Tries to connect in a tight loop. */
export async function probe(options: ProbeOptions): Promise<Probe> {
  const { stdout } = await run(prober(options));
  return JSON.parse(stdout) as Probe;
}

/** Starts to connect in a tight loop. @returns a function that stops it */
export function startProbe(options: Omit<ProbeOptions, 'durationMs'>): () => Promise<Probe> {
  const running = start(prober({ ...options, durationMs: 3_600_000 }));
  return async () => JSON.parse((await running.kill('SIGTERM')).stdout) as Probe;
}

/** What the kernel says of a process. */
export interface Status {
  readonly state: string;
  readonly parent: number;
  readonly session: number;
}

/** A process from /proc/PID/stat; undefined once it is reaped. */
export function lookAt(pid: number): Status | undefined {
  try {
    const [, state = '', parent = '', session = ''] =
      /^.*\) (\S) (\d+) \d+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    return { state, parent: Number(parent), session: Number(session) };
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

/** Kills a process, unless it has ended and is reaped. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  // 0 is the process group of the test runner.
  if (!(pid > 0)) throw new RangeError(`no process: ${pid}`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
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

/** Names of the companion's two processes. */
const COMPANIONS = ['alf-companion', 'alf-standby'];

const isCompanion = (pid: number) => {
  try {
    return COMPANIONS.includes(readFileSync(`/proc/${pid}/comm`, 'latin1').trim()) && !hasEnded(pid);
  } catch {
    return false;
  }
};

/** Those processes of a companion that run now. @param session from `lookAt`: a companion has a session of its own */
export function livingCompanions(session: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => lookAt(pid)?.session === session && isCompanion(pid));
}

/** Waits until the companion has both of its processes. @param pid one of them */
export async function companionsOf(pid: number): Promise<readonly [number, number]> {
  const session = lookAt(pid)?.session ?? 0;
  let found: number[] = [];
  await waitFor(() => {
    found = livingCompanions(session);
    return found.length === 2;
  }, COMPANION_MS);
  const [one = 0, other = 0] = found;
  return [one, other];
}

/**
 * Kills both processes of a companion at once: they are stopped first, or the one that is killed last might replace the other.
 *
 * @param pid one of them
 */
export async function killBoth(pid: number): Promise<void> {
  const companions = await companionsOf(pid);
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const)
    for (const companion of companions) kill(companion, signal);
}
