import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compile } from './fixtures.js';

/** Errors of memory and of the language end the program with a report. The sanitizers do not know fortified functions. */
const SANITIZERS = [
  ...['-O1', '-g', '-U_FORTIFY_SOURCE', '-fno-omit-frame-pointer'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
];

/** Sources that all programs of test/native use. */
const SHARED = 'shared';

/**
 * Compiles each folder of a directory into a program that is linked with the runtime. A call for which the folder has a
 * `__wrap_NAME` is wrapped, see ld(1).
 */
export function compileRuntimePrograms(from: string, to: string): void {
  const objects = join(to, 'objects');
  const runtime = compileObjects('native/runtime', objects);
  const shared = compileObjects(join(from, SHARED), objects);
  for (const name of readdirSync(from).filter((name) => name !== SHARED)) {
    const sources = sourcesOf(join(from, name));
    const wraps = wrappedBy(sources).map((call) => `-Wl,--wrap=${call}`);
    compile([...SANITIZERS, ...sources, ...shared, ...runtime, ...wraps, '-o', join(to, name)]);
  }
  rmSync(objects, { recursive: true });
}

/** The programs that are linked with the runtime. */
const USES_RUNTIME = new Set(['companion']);

/**
 * Compiles the companion, the acceptor or the entry.
 *
 * @param reports directory for the reports of sanitizers, a file each; standard error if left out
 */
export function compileProgram(name: string, to: string, reports?: string): void {
  const sources = sourcesOf(join('native/programs', name));
  compileSanitized(
    USES_RUNTIME.has(name) ? [...sources, ...sourcesOf('native/runtime')] : sources,
    to,
    reports,
  );
}

/** Compiles a program. @param reports as for `compileProgram` */
export function compileSanitized(sources: readonly string[], to: string, reports?: string): void {
  const options = `${to}-options.c`;
  // In the program, for some get an environment of their own, and close standard error.
  const log = reports === undefined ? '' : `log_path=${join(reports, basename(to))}`;
  const functions = ['asan', 'ubsan'].map(
    (name) => `const char *__${name}_default_options(void) { return "${log}"; }\n`,
  );
  writeFileSync(options, functions.join(''));
  // Their shared libraries each have a log of their own, and one does not look for its function in the program.
  compile([...SANITIZERS, '-static-libasan', '-static-libubsan', ...sources, options, '-o', to]);
  rmSync(options);
}

/** Compiles the sources of a directory. @returns the object files */
function compileObjects(from: string, to: string): string[] {
  mkdirSync(to, { recursive: true });
  return sourcesOf(from).map((source) => {
    const object = join(to, `${basename(source)}.o`);
    compile([...SANITIZERS, '-c', source, '-o', object]);
    return object;
  });
}

function sourcesOf(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.c'));
  return names.map((name) => join(directory, name));
}

function wrappedBy(sources: readonly string[]): string[] {
  const texts = sources.map((source) => readFileSync(source, 'utf8')).join('\n');
  return [...new Set([...texts.matchAll(/\b__wrap_(\w+)\(/g)].map(([, call = '']) => call))];
}
