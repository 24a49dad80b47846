import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type CompilerVersion, fetchCompilers } from './compilers.js';
import type { Entry } from './cpio.js';

/** Flags as the build has them, but for what it does about warnings. @see CMakeLists.txt */
const FLAGS = ['-target', 'bpf', '-g', '-O2', '-mcpu=v3', '-Wall', '-Wextra', '-Werror'];

/** Compiles every filter with every version of clang, for a guest's `/objects/clang-VERSION/NAME.bpf.o`. */
export async function compileEverywhere(
  versions: readonly CompilerVersion[],
  say: (line: string) => void,
): Promise<Entry[]> {
  const compilers = await fetchCompilers(versions, say);
  const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const includes = ['-Iebpf/include', ...(multiarch === '' ? [] : [`-I/usr/include/${multiarch}`])];
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-objects-'));
  try {
    return compilers.flatMap((compile, i) =>
      sources().map((source) => {
        const object = join(directory, `${basename(source, '.c')}.bpf.o`);
        compile(...FLAGS, ...includes, '-c', source, '-o', object);
        execFileSync('llvm-strip', ['-g', object]);
        return { path: `/objects/clang-${versions[i]}/${basename(object)}`, data: readFileSync(object) };
      }),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The objects of a directory, for a guest's `/objects/given/NAME`. */
export function takeObjects(directory: string): Entry[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.o'));
  return names.map((name) => ({ path: `/objects/given/${name}`, data: readFileSync(join(directory, name)) }));
}

function sources(): string[] {
  return readdirSync('ebpf')
    .filter((name) => name.endsWith('.c'))
    .map((name) => `ebpf/${name}`);
}
