import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openApt } from './apt.js';
import { cacheDirectory, publish, withLock } from './cache.js';
import { LabError } from './failure.js';

/** The versions of clang that Debian 12 and 13 have, and where each is found. */
const SUITES = { 14: 'bookworm', 15: 'bookworm', 16: 'bookworm', 18: 'trixie', 19: 'trixie' } as const;

/** A version of clang. */
export type CompilerVersion = keyof typeof SUITES;

/** Every version, from the oldest. */
export const COMPILERS = Object.keys(SUITES).map(Number) as CompilerVersion[];

/** Runs a version of clang with arguments of its own. */
export interface Compiler {
  readonly version: CompilerVersion;
  /** @returns whether it succeeded, and its messages */
  run(...args: readonly string[]): Promise<{ readonly succeeded: boolean; readonly said: string }>;
}

const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/**
 * Brings versions of clang into the cache, where they are not there yet. They are unpacked, not installed, each with the
 * libraries of its own suite down to the C library.
 *
 * @throws LabError if one is not there and cannot be fetched
 */
export function fetchCompilers(
  versions: readonly CompilerVersion[],
  say: (line: string) => void,
): Promise<Compiler[]> {
  const cache = cacheDirectory();
  return withLock(cache, () =>
    versions.map((version) => {
      const directory = compilerDirectory(cache, version);
      if (!existsSync(directory)) {
        say(`fetching clang ${version}`);
        download(cache, version, directory);
      }
      return compilerAt(directory, version);
    }),
  );
}

/** Which versions of clang are in the cache. */
export function cachedCompilers(): CompilerVersion[] {
  return COMPILERS.filter((version) => existsSync(compilerDirectory(cacheDirectory(), version)));
}

function compilerDirectory(cache: string, version: CompilerVersion): string {
  return join(cache, 'compilers', `clang-${version}`);
}

function download(cache: string, version: CompilerVersion, directory: string): void {
  const apt = openApt(join(cache, 'apt'));
  apt.refresh();
  const packages = apt
    .closure(`clang-${version}`, SUITES[version])
    .filter(({ name }) => isNeeded(name, version));
  mkdirSync(join(cache, 'compilers'), { recursive: true });
  publish(directory, (into) => apt.unpack(packages, into));
}

/** Libraries to run it, and its own headers; what else a compiler depends on is for programs of the machine. */
function isNeeded(name: string, version: CompilerVersion): boolean {
  return (
    name === `clang-${version}` ||
    name === `libclang-common-${version}-dev` ||
    /^lib(?!clang1-|.*(-dev|-bin|san\d)$)/.test(name)
  );
}

/** A compiler that is started by the dynamic linker of its own suite: this machine's may be older. */
function compilerAt(directory: string, version: CompilerVersion): Compiler {
  const home = join(directory, 'usr/lib', `llvm-${version}`);
  const resources = join(home, 'lib/clang');
  const versions = existsSync(resources) ? readdirSync(resources) : [];
  const resource = versions.find((name) => existsSync(join(resources, name, 'include', 'stdbool.h')));
  const linker = ['lib64', LIBRARIES, 'lib/x86_64-linux-gnu']
    .map((at) => join(directory, at, 'ld-linux-x86-64.so.2'))
    .find(existsSync);
  if (linker === undefined || resource === undefined)
    throw new LabError(
      `unable to run clang ${version}: its files are not where they were`,
      `remove ${directory}`,
    );
  const places = [
    join(directory, LIBRARIES),
    join(directory, 'lib/x86_64-linux-gnu'),
    join(home, 'lib'),
  ].join(':');
  const clang = join(home, 'bin/clang');
  const start = ['--library-path', places, clang, '-resource-dir', join(resources, resource)];
  return {
    version,
    async run(...args) {
      const child = spawn(linker, [...start, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
      const [status] = await once(child, 'close');
      return { succeeded: status === 0, said };
    },
  };
}
