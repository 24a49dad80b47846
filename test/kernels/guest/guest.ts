import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Refused } from './check.js';
import { IDENTITIES, type Identity } from './identity.js';

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A daemon behind alfwrapper that serves. */
export interface Daemon {
  readonly port: number;
  readonly pid: number;
  /** What alfwrapper has said, with -v. */
  readonly said: string;
  /** The tier of each listener, in order. */
  readonly tiers: readonly string[];
  stop(): Promise<void>;
}

/** How a daemon is started. */
export interface Launch {
  readonly as: Identity;
  /** Options of alfwrapper, for the port that the daemon gets. */
  readonly options: (port: number) => readonly string[];
  /** What is run in front of everything. */
  readonly where?: readonly string[];
  /** What is run behind alfwrapper: the echo daemon, unless it is said. */
  readonly program?: readonly string[];
  /** What is said when it serves. */
  readonly ready?: RegExp;
}

const ALFWRAPPER = '/alf/alfwrapper';
const ECHO = ['/checks/echo'];
const READY = /^ready$/m;
const START_MS = 120_000;

/** As from a shell in the directory of the package. */
const FROM = { cwd: '/alf', env: process.env };

/** The machine the checks run on. */
export class Guest {
  #port = 5000;
  #starting = 0;
  #settled: (() => void)[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a program to its end. */
  run(command: readonly string[], input = ''): Promise<Ended> {
    return this.#inTurn(() => this.#run(command, input));
  }

  async #run(command: readonly string[], input: string): Promise<Ended> {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { ...FROM, stdio: ['pipe', 'pipe', 'pipe'] });
    const said = collect(child);
    child.stdin.on('error', () => undefined).end(input);
    const [status] = await once(child, 'close');
    return { status, ...said };
  }

  /** Runs alfwrapper to its end. */
  alfwrapper(as: Identity, ...args: readonly string[]): Promise<Ended> {
    return this.run([...IDENTITIES[as], ALFWRAPPER, ...args]);
  }

  /**
   * Starts a daemon behind alfwrapper.
   *
   * It resolves when no other start is under way any more: what is measured afterwards is not held up by them.
   *
   * @throws Refused if alfwrapper ends instead
   */
  async start(launch: Launch): Promise<Daemon> {
    this.#starting += 1;
    const daemon = await this.#inTurn(() => this.#start(launch)).finally(() => {
      this.#starting -= 1;
      if (this.#starting === 0) for (const resume of this.#settled.splice(0)) resume();
    });
    if (this.#starting > 0) await new Promise<void>((resolve) => this.#settled.push(resolve));
    return daemon;
  }

  /** One after the other: programs that start side by side take each other's translated code away, and thrice the time. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action, action);
    this.#last = turn;
    return turn;
  }

  async #start({ as, options, where = [], program = ECHO, ready = READY }: Launch): Promise<Daemon> {
    this.#port += 1;
    const port = this.#port;
    const words = [...where, ...IDENTITIES[as], ALFWRAPPER, '-v', ...options(port), ...program];
    const child = spawn(words[0] ?? '', words.slice(1), { ...FROM, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close');
    const said = collect(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    const serves = await new Promise<boolean>((resolve) => {
      const look = () => ready.test(said.stdout + said.stderr) && resolve(true);
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      void ended.then(() => resolve(false));
    });
    clearTimeout(timer);
    if (!serves) throw new Refused(errorOf(said.stderr));
    const stop = async () => {
      child.kill();
      await ended;
    };
    const tiers = [...said.stderr.matchAll(/: tier (\w+)/g)].map(([, tier = '']) => tier);
    return { port, pid: child.pid ?? 0, said: said.stderr, tiers, stop };
  }
}

/** What a program says, as it comes. */
function collect({ stdout, stderr }: ChildProcess & { stdout: Readable; stderr: Readable }): {
  stdout: string;
  stderr: string;
} {
  const said = { stdout: '', stderr: '' };
  stdout.setEncoding('utf8').on('data', (text) => {
    said.stdout += text;
  });
  stderr.setEncoding('utf8').on('data', (text) => {
    said.stderr += text;
  });
  return said;
}

/** The error in what alfwrapper has said: the last line but for hints and warnings. */
export function errorOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^alfwrapper: (?!warning)/.test(line));
  return lines.at(-1)?.replace('alfwrapper: ', '') ?? `ended without a word: ${stderr}`;
}
