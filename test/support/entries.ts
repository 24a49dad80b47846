import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

const SOURCES = 'native/programs/entry';
const FLAGS = ['-O1', '-g', '-Wall', '-Wextra', '-Werror', '-fno-omit-frame-pointer'];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** The builds of the entry that its tests run: as it is installed, and with sanitizers. */
export const ENTRIES = ['as built', 'under sanitizers'] as const;

/** A package whose entry is one of them. */
export interface EntryPackage {
  /** The path of the entry. */
  readonly entry: string;
  remove(): void;
}

/** Makes such a package; every user can read it. */
export function makeEntryPackage(kind: (typeof ENTRIES)[number]): EntryPackage {
  const installed = inject('installed');
  if (kind === 'as built') return { entry: join(installed, 'alfwrapper'), remove: () => undefined };
  const root = mkdtempSync(join(tmpdir(), 'alfwrapper-sanitized-'));
  chmodSync(root, 0o755);
  for (const name of readdirSync(installed).filter((name) => name !== 'alfwrapper'))
    symlinkSync(join(installed, name), join(root, name));
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.c'));
  const entry = join(root, 'alfwrapper');
  execFileSync('cc', [...FLAGS, ...SANITIZERS, ...sources.map((name) => join(SOURCES, name)), '-o', entry]);
  return { entry, remove: () => rmSync(root, { recursive: true }) };
}
