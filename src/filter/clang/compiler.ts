import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import { arch } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { AlfError, quote } from '../../errors/index.js';
import type { EngineContext } from '../filter.js';

/** A compiler and how it is called. */
export interface Compiler {
  readonly path: string;
  /** Changes when it is another one. */
  readonly identity: string;
  /** Everything but the names of the files. */
  readonly flags: readonly string[];
}

/** As much of a compiler as tells it from another one. */
const HEAD_BYTES = 64 * 2 ** 10;

/** What Debian and its relatives call the directory of headers that differ between machines. */
const MULTIARCH: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  ppc64: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  s390x: 's390x-linux-gnu',
  loong64: 'loongarch64-linux-gnu',
};

/**
 * The flags that shipped filters are built with, but for warnings, which are not errors here. A function that is
 * declared nowhere is one, because the kernel's word for it would be harder to understand.
 */
const FLAGS = [
  '-x',
  'c',
  '-target',
  'bpf',
  '-g',
  '-O2',
  '-mcpu=v3',
  '-Wall',
  '-Werror=implicit-function-declaration',
];

/**
 * Finds clang in PATH.
 *
 * @throws AlfError ALF_COMPILE if it is not there
 */
export function findCompiler(
  { variable, root }: Pick<EngineContext, 'variable' | 'root'>,
  shown: string,
): Compiler {
  for (const directory of (variable('PATH') ?? '').split(delimiter)) {
    if (!isAbsolute(directory)) continue;
    const path = join(directory, 'clang');
    const status = executable(path);
    if (status === undefined) continue;
    const identity = `${realpathSync(path)} ${status.size} ${digestOfHead(path)}`;
    return { path, identity, flags: [...FLAGS, ...includes(root)] };
  }
  throw new AlfError('ALF_COMPILE', `unable to compile ${quote(shown)}: clang is not installed`, {
    hint: 'install it (Debian: clang libbpf-dev), or compile the filter elsewhere and give the object',
  });
}

function includes(root: string): string[] {
  const machine = `/usr/include/${MULTIARCH[arch()] ?? ''}`;
  return [`-I${join(root, 'ebpf/include')}`, ...(machine.endsWith('/') ? [] : [`-I${machine}`])];
}

/**
 * Where an executable begins stands its build id. To read all of it, or to ask it for its version, would take longer than
 * to read what it has made before; its times say nothing where packages and images are built to be reproducible.
 */
function digestOfHead(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return 'not readable';
  }
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return createHash('sha256')
      .update(head.subarray(0, readSync(fd, head)))
      .digest('hex');
  } finally {
    closeSync(fd);
  }
}

function executable(path: string): Stats | undefined {
  try {
    const status = statSync(path);
    return status.isFile() && (status.mode & 0o111) !== 0 ? status : undefined;
  } catch {
    return undefined;
  }
}
