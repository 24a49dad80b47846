import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { compileProgram } from './sanitized.js';

/** Programs by their places in a package. */
const PROGRAMS: Readonly<Record<string, string>> = {
  entry: 'alfwrapper',
  companion: 'build/native/alf-companion',
  acceptor: 'build/native/alf-acceptor',
};

/** What a launch needs. */
const NEEDED = ['package.json', 'dist', 'build', 'ebpf'];

/** A package whose programs in C are built with ASan and UBSan. */
export interface SanitizedPackage {
  /** Its directory, which every user can read. */
  readonly root: string;
  /** What the sanitizers have reported so far. */
  reports(): string[];
  remove(): void;
}

/** Makes such a package of the installed one. */
export function makeSanitizedPackage(): SanitizedPackage {
  const root = mkdtempSync(join(tmpdir(), 'alfwrapper-test-'));
  const reports = join(root, 'reports');
  chmodSync(root, 0o755);
  mkdirSync(reports);
  // Programs of any user write there.
  chmodSync(reports, 0o777);
  for (const path of NEEDED)
    cpSync(join(inject('installed'), path), join(root, path), { recursive: true, preserveTimestamps: true });
  for (const [program, path] of Object.entries(PROGRAMS)) compileProgram(program, join(root, path), reports);
  return {
    root,
    reports: () => readReports(reports),
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** The reports in a directory. */
export function readReports(directory: string): string[] {
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
}
