import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Entry } from './cpio.js';
import { compileOwnFilters } from './own-filters.js';

/** Programs of the tests that guests run: without libraries, so that they are one file. */
const PROGRAMS = ['echo', 'state'];

/** Compiles and bundles what runs in a guest beside the product: `/init` and what is in `/checks`. */
export function makeGuestFiles(): Entry[] {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-guest-'));
  try {
    const programs = PROGRAMS.map((name): Entry => {
      const program = join(directory, name);
      execFileSync('cc', ['-O1', '-static', '-o', program, `test/fixtures/${name}.c`]);
      return { path: `/checks/${name}`, data: readFileSync(program), mode: 0o755 };
    });
    return [
      { path: '/init', from: 'test/kernels/guest/init', mode: 0o755 },
      { path: '/checks/main.cjs', data: bundle('test/kernels/guest/main.ts') },
      { path: '/checks/load.cjs', data: bundle('test/kernels/guest/load.ts') },
      ...compileOwnFilters(),
      ...programs,
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function bundle(entry: string): Uint8Array {
  const { outputFiles } = buildSync({
    ...{ entryPoints: [entry], bundle: true, write: false, platform: 'node', format: 'cjs' },
    target: 'node18',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}
