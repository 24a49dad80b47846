import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { compileProgram } from './sanitized.js';

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
  const entry = join(root, 'alfwrapper');
  compileProgram('entry', entry);
  return { entry, remove: () => rmSync(root, { recursive: true }) };
}
