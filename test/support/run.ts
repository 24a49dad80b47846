import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { inject, onTestFinished } from 'vitest';
import { killTree } from './processes.js';

/** What a program that has ended left. */
export interface Result {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that is running, and what it has said so far. */
export interface Running {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Waits until one of its streams matches. Rejects if it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Writes to its standard input, if that is a pipe. */
  send(text: string): void;
  /** Waits for its end. */
  ended(): Promise<Result>;
  kill(signal?: NodeJS.Signals): Promise<Result>;
}

/** A file of the installed build. */
export function installed(path: string): string {
  return `${inject('installed')}/${path}`;
}

/** A compiled fixture program. */
export function fixture(name: string): string {
  return installed(`fixtures/${name}`);
}

/** The environment of tests: nothing of vitest's own in it. */
export function cleanEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', PWD: process.cwd(), LANG: 'C.UTF-8', ...extra };
}

/** Starts a program; it and what it has started are killed when the test is over, as far as they have not ended by then. */
export function start(command: readonly string[], options: SpawnOptions = {}): Running {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk) => (text.stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk) => (text.stderr += chunk));
  const end = new Promise<Result>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, ...text }));
  });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) killTree(child.pid ?? 0);
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    until: (pattern) => until(child, text, pattern, command),
    send: (text) => void child.stdin?.write(text),
    ended: () => end,
    kill: (signal = 'SIGTERM') => {
      child.kill(signal);
      return end;
    },
  };
}

/** Runs a program to its end. */
export function run(command: readonly string[], options: SpawnOptions = {}): Promise<Result> {
  return start(command, options).ended();
}

function until(
  child: ChildProcess,
  text: { stdout: string; stderr: string },
  pattern: RegExp,
  command: readonly string[],
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = pattern.exec(text.stdout) ?? pattern.exec(text.stderr);
      if (match === null) return;
      child.stdout?.off('data', look);
      child.stderr?.off('data', look);
      resolve(match);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', () =>
      reject(new Error(`${command.join(' ')} ended before ${pattern}:\n${text.stderr}`)),
    );
    look();
  });
}
