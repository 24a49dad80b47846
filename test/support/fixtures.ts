import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** As in the build: warnings depend on the compiler, and end the tests only where that is asked for. */
const WARNINGS = ['-Wall', '-Wextra', ...(process.env['ALF_WERROR'] === 'ON' ? ['-Werror'] : [])];

const LIBRARIES = ['-lbpf', '-lsystemd'];

/** Compiles C. @param args sources, flags and the output, as cc(1) takes them */
export function compile(args: readonly string[]): void {
  execFileSync('cc', [...WARNINGS, ...args]);
}

/** Compiles every C file of a directory: `NAME.c` into a program, `NAME.so.c` into a library to preload. Scripts are copied. */
export function compileFixtures(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const script of readdirSync(from).filter((name) => /\.(py|mjs)$/.test(name)))
    copyFileSync(join(from, script), join(to, script));
  for (const file of readdirSync(from).filter((name) => name.endsWith('.c'))) {
    const name = file.slice(0, -'.c'.length);
    const kind = name.endsWith('.so') ? ['-shared', '-fPIC'] : [];
    const flags = ['-O1', '-Iebpf/include', ...kind];
    // Those that use a library need it; the others do not get to depend on it.
    compile([...flags, '-o', join(to, name), join(from, file), '-Wl,--as-needed', ...LIBRARIES]);
  }
}

/** Compiles every eBPF filter of a directory, as one of ours is: `NAME.c` into `NAME.bpf.o`. */
export function compileFilters(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const includes = ['-Iebpf/include', ...(multiarch === '' ? [] : [`-I/usr/include/${multiarch}`])];
  const flags = ['-target', 'bpf', '-g', '-O2', '-mcpu=v3', ...WARNINGS, '-Wno-unused-parameter'];
  for (const file of readdirSync(from).filter((name) => name.endsWith('.c'))) {
    const object = join(to, file.replace(/c$/, 'bpf.o'));
    execFileSync('clang', [...flags, ...includes, '-c', join(from, file), '-o', object]);
  }
}
