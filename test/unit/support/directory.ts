import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A file by its path: contents, or contents with mode and age. */
export type FileSpec = string | { readonly text: string; readonly mode?: number };

/** Makes a directory with these files, which is gone when the test is. */
export function makeDirectory(files: Readonly<Record<string, FileSpec>> = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'alf-test-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, spec] of Object.entries(files)) {
    const { text, mode } = typeof spec === 'string' ? { text: spec, mode: 0o644 } : spec;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, mode === undefined ? {} : { mode });
  }
  return root;
}
