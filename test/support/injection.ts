import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Result, run } from './run.js';

/** A system call of a launch, by its name and its place among those of that name. */
export interface Call {
  readonly name: string;
  /** From 1 on, as strace counts. */
  readonly occurrence: number;
  /** Who makes it: the entry, or node. */
  readonly phase: 'entry' | 'launch';
}

/**
 * Calls that the C library and Node.js make for themselves: memory, threads, the dynamic linker, and what cannot fail.
 */
const RUNTIME = [
  ...[
    'mmap',
    'munmap',
    'mprotect',
    'madvise',
    'mremap',
    'brk',
    'futex',
    'rseq',
    'set_robust_list',
    'sched_yield',
  ],
  ...[
    'set_tid_address',
    'arch_prctl',
    'getpid',
    'gettid',
    'getppid',
    'getuid',
    'geteuid',
    'getgid',
    'getegid',
    'uname',
  ],
];

/** In every trace: they tell the phases apart. */
const MARKS = ['openat', 'execve'];

/** Nothing is waited for in a launch that takes as long: timeout(1) ends it with 124. */
const TIME_LIMIT = '20';

/** Makes single system calls of a launch fail. Only the thread that execs is traced. */
export class Injector {
  readonly #directory = mkdtempSync(join(tmpdir(), 'alfwrapper-inject-'));
  readonly #prefix: readonly string[];
  readonly #command: readonly string[];
  #runs = 0;

  /** @param prefix what is in front of strace(1): another user @param command the launch */
  constructor(prefix: readonly string[], command: readonly string[]) {
    this.#prefix = prefix;
    this.#command = command;
    // Another user writes into it.
    chmodSync(this.#directory, 0o777);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  /** The calls of a launch in which none fails. */
  async list(): Promise<Call[]> {
    const { lines } = await this.#trace([]);
    const counts = new Map<string, number>();
    const phases = phasesOf(lines);
    return lines.flatMap((line, index) => {
      const name = nameOf(line);
      const occurrence = (counts.get(name) ?? 0) + 1;
      // The exec of the traced program itself is shown but does not count.
      counts.set(name, index === 0 ? 0 : occurrence);
      const phase = phases[index];
      return phase === undefined || RUNTIME.includes(name) || !/^\w+$/.test(name)
        ? []
        : [{ name, occurrence, phase }];
    });
  }

  /**
   * Launches with a call failing.
   *
   * @returns undefined if another call of that name was hit: not every launch makes the same number of them
   */
  async fail({ name, occurrence, phase }: Call, errno: string): Promise<Result | undefined> {
    const inject = `inject=${name}:error=${errno}:when=${occurrence}`;
    const traced = [...new Set([name, ...MARKS])].join(',');
    const { lines, result } = await this.#trace(['-e', `trace=${traced}`, '-e', inject]);
    const hit = lines.findIndex((line) => line.endsWith('(INJECTED)'));
    return phasesOf(lines)[hit] === phase ? result : undefined;
  }

  async #trace(options: readonly string[]): Promise<{ lines: string[]; result: Result }> {
    const log = join(this.#directory, String(this.#runs++));
    const strace = ['strace', '-qq', '-o', log, '-e', 'signal=none', ...options];
    const result = await run(['timeout', TIME_LIMIT, ...this.#prefix, ...strace, ...this.#command]);
    const lines = readFileSync(log, 'latin1').trimEnd().split('\n');
    rmSync(log);
    return { lines, result };
  }
}

const nameOf = (line: string) => line.slice(0, line.indexOf('('));

/** Which phase each line of a trace is in; undefined while node starts, and once the target has. */
function phasesOf(lines: readonly string[]): (Call['phase'] | undefined)[] {
  let phase: Call['phase'] | undefined;
  return lines.map((line, index) => {
    const before = phase;
    if (nameOf(line) === 'execve') phase = index === 0 ? 'entry' : undefined;
    else if (line.includes('"/proc/self/cmdline"')) phase = 'launch';
    // The exec that ends a phase is part of it.
    return phase ?? before;
  });
}
