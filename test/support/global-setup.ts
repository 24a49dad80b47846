import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { compileFilters, compileFixtures } from './fixtures.js';
import { expectNothingLeft, survey } from './leftovers.js';
import { compileRuntimePrograms } from './sanitized.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A copy of the built package and the compiled fixtures that every user can read. */
    installed: string;
  }
}

/** What a user of the package has; an ordinary one may not be allowed to look into the checkout. */
const INSTALLED = [
  'alfwrapper',
  'package.json',
  'dist',
  'build/native',
  'build/ebpf',
  'ebpf',
  'scripts',
  'examples',
  'contrib',
];

/**
 * Installs the build into a directory of its own for the run, and compiles the fixture programs there.
 *
 * @returns what cleans up, and fails if the tests have left something
 */
export default function setup(project: TestProject): () => Promise<void> {
  const before = survey();
  const installed = mkdtempSync(join(tmpdir(), 'alfwrapper-test-'));
  chmodSync(installed, 0o755);
  for (const path of INSTALLED)
    cpSync(path, join(installed, path), { recursive: true, preserveTimestamps: true });
  compileFixtures('test/fixtures', join(installed, 'fixtures'));
  compileFilters('test/fixtures/bpf', join(installed, 'fixtures'));
  compileRuntimePrograms('test/native', join(installed, 'fixtures'));
  project.provide('installed', installed);
  return async () => {
    try {
      await expectNothingLeft(before);
    } catch (error) {
      // The runner shows what a tear-down throws, and ends with success all the same.
      process.exitCode = 1;
      throw error;
    } finally {
      rmSync(installed, { recursive: true });
    }
  };
}
