import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { BENCH_BUILD } from '../support/tools.js';
import type { Result } from './result.js';

/** The directories of results: of the last run, of the one before, of short runs, and of the documents. */
export const LAST = `${BENCH_BUILD}/results`;
export const BEFORE = `${BENCH_BUILD}/results.before`;
export const SHORT = `${BENCH_BUILD}/results.short`;
export const KEPT = 'bench/results';

/**
 * Writes a result; an existing one of the same name becomes the one before. A short result, which measured
 * nothing, does not replace them. @returns its path
 */
export function writeResult(result: Result): string {
  const name = `${result.bench}.json`;
  const directory = result.short ? SHORT : LAST;
  for (const each of [directory, BEFORE]) mkdirSync(each, { recursive: true });
  const path = `${directory}/${name}`;
  if (!result.short && existsSync(path)) renameSync(path, `${BEFORE}/${name}`);
  writeFileSync(path, `${JSON.stringify(rounded(result), null, 1)}\n`);
  return path;
}

/** Reads all results of a directory, by name. */
export function readResults(directory: string): Result[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(`${directory}/${name}`, 'utf8')) as Result);
}

/** Keeps the results of the last run, for the documents. */
export function keepResults(): void {
  mkdirSync(KEPT, { recursive: true });
  for (const { bench } of readResults(LAST)) copyFileSync(`${LAST}/${bench}.json`, `${KEPT}/${bench}.json`);
}

/** Rounds to five digits, more than any measurement has. */
function rounded(result: Result): Result {
  return JSON.parse(
    JSON.stringify(result, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value)),
  ) as Result;
}
