import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Compiles every C file of a directory: `NAME.c` into a program, `NAME.so.c` into a library to preload. */
export function compileFixtures(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith('.c'))) {
    const name = file.slice(0, -'.c'.length);
    const kind = name.endsWith('.so') ? ['-shared', '-fPIC'] : [];
    const flags = ['-O1', '-Wall', '-Wextra', '-Werror', ...kind];
    // Those that load eBPF need the library; the others do not get to depend on it.
    execFileSync('cc', [...flags, '-o', join(to, name), join(from, file), '-Wl,--as-needed', '-lbpf']);
  }
}
