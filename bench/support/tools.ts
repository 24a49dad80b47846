import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** The directory for all files that benchmarks build or write. */
export const BENCH_BUILD = 'build/bench';

/** Compiles a C program of a benchmark. @returns its path */
export function buildTool(name: string, source: string, ...libraries: string[]): string {
  mkdirSync(BENCH_BUILD, { recursive: true });
  const path = `${BENCH_BUILD}/${name}`;
  execFileSync('cc', ['-O2', '-Wall', '-Iebpf/include', '-o', path, source, ...libraries]);
  return path;
}

/** Compiles an eBPF object of a benchmark with the flags of the shipped ones. @returns its path */
export function buildObject(name: string, source: string, ...defines: string[]): string {
  mkdirSync(BENCH_BUILD, { recursive: true });
  const path = `${BENCH_BUILD}/${name}.bpf.o`;
  const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const flags = ['-target', 'bpf', '-g', '-O2', '-mcpu=v3', '-Iebpf/include', `-I/usr/include/${multiarch}`];
  execFileSync('clang', [...flags, ...defines, '-c', source, '-o', path]);
  return path;
}

/** The environment of measured commands: NODE_EXTRA_CA_CERTS would cost every node 35 ms. */
export function benchEnvironment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return env;
}

/** Runs a tool. @returns the numbers of each line it prints */
export function runTool(command: string, args: readonly (string | number)[]): number[][] {
  const output = execFileSync(command, args.map(String), {
    encoding: 'utf8',
    env: benchEnvironment(),
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return output
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
}

/** For setpriv(1): all capabilities but CAP_BPF are gone, what an ambient one leaves a user, as who files can be read. */
export const BPF_ONLY = ['--inh-caps', '--bounding-set'].flatMap((set) => [set, '-all,+bpf']);
