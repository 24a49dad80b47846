import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Compiler, type CompilerVersion, fetchCompilers } from './compilers.js';
import type { Entry } from './cpio.js';
import { inParallel } from './parallel.js';

/** Flags as the build has them. @see CMakeLists.txt */
const FLAGS = ['-target', 'bpf', '-g', '-O2', '-mcpu=v3', '-Wall', '-Wextra'];

const COMPILERS_AT_A_TIME = 2;

/** What a version of clang made of the filters. */
export interface Compiled {
  readonly version: CompilerVersion;
  /** Errors and warnings, the first line of each: there should be none. */
  readonly complaints: readonly string[];
  /** The objects, for a guest's `/objects/clang-VERSION/NAME.bpf.o`. */
  readonly objects: readonly Entry[];
}

/** Compiles every filter with versions of clang. */
export async function compileEverywhere(
  versions: readonly CompilerVersion[],
  say: (line: string) => void,
): Promise<Compiled[]> {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-objects-'));
  try {
    const compilers = await fetchCompilers(versions, say);
    return await inParallel(COMPILERS_AT_A_TIME, compilers, (compiler) => compileAll(compiler, directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function compileAll(compiler: Compiler, directory: string): Promise<Compiled> {
  const { version } = compiler;
  const into = join(directory, String(version));
  mkdirSync(into);
  const compile = async (source: string) => {
    const object = join(into, `${basename(source, '.c')}.bpf.o`);
    const { succeeded, said } = await compiler.run(...FLAGS, ...includes(), '-c', source, '-o', object);
    const complaints = said.split('\n').filter((line) => /\b(error|warning): /.test(line));
    if (!succeeded) return { complaints: [...complaints, `${source} does not compile`], objects: [] };
    execFileSync('llvm-strip', ['-g', object]);
    const path = `/objects/clang-${version}/${basename(object)}`;
    return { complaints, objects: [{ path, data: readFileSync(object) }] };
  };
  const results = await inParallel(1, sources(), compile);
  return {
    version,
    complaints: results.flatMap(({ complaints }) => complaints),
    objects: results.flatMap(({ objects }) => objects),
  };
}

/** The objects of a directory, for a guest's `/objects/given/NAME`. */
export function takeObjects(directory: string): Entry[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.o'));
  return names.map((name) => ({ path: `/objects/given/${name}`, data: readFileSync(join(directory, name)) }));
}

function sources(): string[] {
  const names = readdirSync('ebpf').filter((name) => name.endsWith('.c'));
  return names.map((name) => `ebpf/${name}`);
}

function includes(): string[] {
  const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  return ['-Iebpf/include', ...(multiarch === '' ? [] : [`-I/usr/include/${multiarch}`])];
}
