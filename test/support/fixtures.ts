import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join, parse } from 'node:path';

/** Compiles every C file of a directory into a program of the same name. */
export function compileFixtures(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith('.c'))) {
    execFileSync('cc', [
      '-O1',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      join(to, parse(file).name),
      join(from, file),
      // For those that load eBPF; the others do not get to depend on it.
      '-Wl,--as-needed',
      '-lbpf',
    ]);
  }
}
