import { spawnSync } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { AlfError, quote } from '../../errors/index.js';
import type { EngineContext, SourceFile } from '../filter.js';
import type { Compiler } from './compiler.js';
import { type Diagnostics, readDiagnostics } from './diagnostics.js';

/** What compiling gave. */
export interface Compiled {
  readonly object: Uint8Array;
  /** The files that went into it beside the source. */
  readonly included: readonly string[];
}

/** A filter takes a tenth of a second; one that includes a pipe would take for ever. */
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 2 ** 20;

/** How many warnings are shown. */
const MAX_WARNINGS = 5;

const SEE_ALL = 'run with -v for all messages of the compiler';
const BESIDE = 'quoted includes are looked for beside the file that includes them';

/** The packages of headers that filters include, by how their names begin. */
const PACKAGES: readonly (readonly [prefix: string, advice: string])[] = [
  ['bpf/', 'install the headers of libbpf (Debian: libbpf-dev)'],
  ['linux/', 'install the headers of the kernel interface (Debian: linux-libc-dev)'],
  ['asm/', 'install the headers of the kernel interface (Debian: linux-libc-dev)'],
  ['vmlinux.h', 'make it: bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h'],
];

/**
 * Compiles C in libbpf style to an object.
 *
 * The compiler gets nothing of our environment but the directory for its temporary files: what it makes depends on the
 * files and the flags alone.
 *
 * @throws AlfError ALF_COMPILE with the first error, at the user's file, line and column; all of them are its detail
 */
export function compile(
  { file, shown }: Pick<SourceFile, 'file' | 'shown'>,
  { path, flags }: Compiler,
  { variable, warn }: Pick<EngineContext, 'variable' | 'warn'>,
): Compiled {
  const TMPDIR = variable('TMPDIR') ?? '/tmp';
  const { status, signal, stdout, stderr, error } = spawnSync(
    path,
    [...flags, '-H', '-fno-color-diagnostics', '-c', file, '-o', '-'],
    {
      env: { LC_ALL: 'C', PATH: variable('PATH') ?? '', TMPDIR },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_BYTES,
    },
  );
  const what = `unable to compile ${quote(shown)}`;
  if (error !== undefined) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ETIMEDOUT' ? 'clang did not end' : `${path} cannot be run`;
    throw new AlfError('ALF_COMPILE', `${what}: ${reason}`, code === undefined ? {} : { errno: code });
  }
  const diagnostics = readDiagnostics(stderr.toString(), (text) => renamed(text, file, shown));
  if (status !== 0) throw refused(what, diagnostics, signal);
  for (const line of diagnostics.warnings.slice(0, MAX_WARNINGS)) warn(line);
  const more = diagnostics.warnings.length - MAX_WARNINGS;
  if (more > 0) warn(`${shown}: ${more} more`);
  return { object: stdout, included: [...new Set(diagnostics.included)] };
}

/** Paths below the directory of the filter, as they look from where the user is. */
function renamed(text: string, file: string, shown: string): string {
  const directory = dirname(file);
  const from = directory === '/' ? '/' : `${directory}/`;
  return text.replaceAll(from, shown.slice(0, shown.length - basename(file).length));
}

function refused(what: string, { errors, text }: Diagnostics, signal: string | null): AlfError {
  const [first, ...others] = errors;
  if (first === undefined) {
    const reason = signal === null ? 'clang failed without a message' : `clang was killed by ${signal}`;
    return new AlfError('ALF_COMPILE', `${what}: ${reason}`, { detail: text });
  }
  const [, absent = ''] = /'([^']+)' file not found$/.exec(first) ?? [];
  const advice =
    absent === '' ? SEE_ALL : (PACKAGES.find(([prefix]) => absent.startsWith(prefix))?.[1] ?? BESIDE);
  const more =
    others.length === 0 ? '' : ` (and ${others.length} more ${others.length === 1 ? 'error' : 'errors'})`;
  return new AlfError('ALF_COMPILE', `${what}: ${first}${more}`, {
    hint: advice,
    detail: text,
  });
}
