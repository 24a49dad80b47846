import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Apt, openApt, type Package } from './apt.js';
import { cacheDirectory, publish, readJson, withLock, writeJson } from './cache.js';
import { LabError } from './failure.js';
import { findModules } from './modules.js';
import { KERNELS, type KernelName, SOURCES } from './names.js';
import { KERNEL_PACKAGES, type Resolved, resolveKernel } from './resolve.js';

/** A kernel that can be booted. */
export interface Kernel {
  readonly name: KernelName;
  readonly version: string;
  readonly release: string;
  /** The kernel's file. */
  readonly image: string;
  /** An archive of the modules the guests need: `/modules/NAME.ko`, without those it has built in or not at all. */
  readonly modules: string;
}

/** What a name last stood for. */
interface Current {
  readonly version: string;
  readonly release: string;
  readonly directory: string;
}

const KEPT_MS = 48 * 3600 * 1000;

/**
 * Brings kernels into the cache, where they are not there yet or a newer one has come.
 *
 * Without network what is cached serves.
 *
 * @param say told what takes its time, and what could not be refreshed
 * @throws LabError if one is not there and cannot be fetched
 */
export function fetchKernels(names: readonly KernelName[], say: (line: string) => void): Promise<Kernel[]> {
  const cache = cacheDirectory();
  return withLock(cache, () => {
    const apt = openApt(join(cache, 'apt'));
    refresh(apt, say);
    const resolve = resolver(apt);
    const kernels = names.map((name) => {
      const current = readCurrent(cache, name, apt.refreshedMs());
      return current ? kernelOf(name, current) : fetchKernel(cache, apt, name, resolve(name), say);
    });
    removeOld(cache);
    return kernels;
  });
}

/** The kernels that are in the cache; newer ones may exist. */
export function cachedKernels(): KernelName[] {
  return KERNELS.filter((name) => existsSync(currentFile(cacheDirectory(), name)));
}

function refresh(apt: Apt, say: (line: string) => void): void {
  try {
    if (apt.refresh()) say('fetched the lists of packages');
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.message);
  }
}

/** Returns the newest kernel of a name in the lists. apt takes seconds to search them, so they are searched once, on demand. */
function resolver(apt: Apt): (name: KernelName) => Resolved | undefined {
  let packages: Package[] | undefined;
  return (name) => {
    packages ??= apt.refreshedMs() > 0 ? apt.find(KERNEL_PACKAGES) : [];
    return resolveKernel(SOURCES[name], packages);
  };
}

/** Reads what a name stands for; undefined if lists were fetched since then. */
function readCurrent(cache: string, name: KernelName, refreshedMs: number): Current | undefined {
  const file = currentFile(cache, name);
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
  return mtimeMs > refreshedMs ? readJson<Current>(file) : undefined;
}

function fetchKernel(
  cache: string,
  apt: Apt,
  name: KernelName,
  resolved: Resolved | undefined,
  say: (line: string) => void,
): Kernel {
  const current = readJson<Current>(currentFile(cache, name));
  if (resolved !== undefined) {
    try {
      const { version, release } = resolved;
      if (version !== current?.version) say(`fetching Linux ${release}`);
      const directory = version === current?.version ? current.directory : download(cache, apt, resolved);
      writeJson(currentFile(cache, name), { version, release, directory } satisfies Current);
      return kernelOf(name, { version, release, directory });
    } catch (error) {
      if (!(error instanceof LabError) || current === undefined) throw error;
      say(`${error.message}; ${current.version} serves`);
    }
  }
  if (current === undefined)
    throw new LabError(
      `unable to find Linux ${name}: no suite has it, or the suites cannot be reached`,
      'run npm run test:kernels with a network',
    );
  return kernelOf(name, current);
}

function kernelOf(name: KernelName, { version, release, directory }: Current): Kernel {
  return {
    name,
    version,
    release,
    image: join(directory, 'vmlinuz'),
    modules: join(directory, 'modules.cpio'),
  };
}

function currentFile(cache: string, name: KernelName): string {
  return join(cache, `${name}.json`);
}

/** @returns the directory in the cache that has the kernel and the archive of its modules */
function download(cache: string, apt: Apt, { release, version, packages }: Resolved): string {
  const directory = join(cache, 'kernels', `${release}_${version}`);
  mkdirSync(join(cache, 'kernels'), { recursive: true });
  publish(directory, (into) => {
    const unpacked = join(into, 'unpacked');
    apt.unpack(packages, unpacked);
    const image = findImage(unpacked);
    if (image === undefined)
      throw new LabError(
        `unable to find the kernel in ${packages.map(({ name }) => name).join(', ')}`,
        'the suites have changed: see test/kernels/lab/resolve.ts',
      );
    renameSync(image, join(into, 'vmlinuz'));
    findModules(unpacked, join(into, 'modules.cpio'));
    rmSync(unpacked, { recursive: true });
  });
  return directory;
}

function findImage(unpacked: string): string | undefined {
  const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
  const image = files.find(
    (path) => /(^|\/)vmlinu[xz]/.test(path) && statSync(join(unpacked, path)).isFile(),
  );
  return image && join(unpacked, image);
}

/** Removes kernels that no name stands for; another run may still be booting one that has just been replaced. */
function removeOld(cache: string): void {
  const directory = join(cache, 'kernels');
  const used = KERNELS.map((name) => readJson<Current>(currentFile(cache, name))?.directory);
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const path = join(directory, name);
    const old = Date.now() - statSync(path).mtimeMs > KEPT_MS;
    if (!used.includes(path) && (old || name.includes('.partial-'))) rmSync(path, { recursive: true });
  }
}
