import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LabError } from './failure.js';

/** The directory in which downloads are kept. It is this user's alone: what is in it is run. */
export function cacheDirectory(): string {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const directory = process.env['ALF_KERNELS_DIR'] || join(caches, 'alfwrapper', 'kernels');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/**
 * Runs a function while no other process runs one under the same lock.
 *
 * The lock is held by flock(1) for as long as its standard input is open, so that it ends with this process too.
 */
export async function withLock<T>(directory: string, action: () => T | Promise<T>): Promise<T> {
  const holder = spawn('flock', [join(directory, 'lock'), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'close');
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!held) throw new LabError(`unable to lock ${directory}`, 'see what flock(1) says');
  try {
    return await action();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

/**
 * Makes a directory whole or not at all.
 *
 * @param fill puts the files into the directory it is given; if it throws, nothing is left
 */
export function publish(directory: string, fill: (into: string) => void): void {
  const partial = mkdtempSync(`${directory}.partial-`);
  try {
    fill(partial);
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Reads a JSON file; undefined if there is none. */
export function readJson<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}

/** Writes a JSON file whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
