import { execFileSync } from 'node:child_process';
import type { Package } from './apt.js';
import type { Source } from './names.js';

/** A kernel that a suite has, and the packages that are it. */
export interface Resolved {
  readonly version: string;
  /** What `uname -r` says on it. */
  readonly release: string;
  readonly packages: readonly Pick<Package, 'name' | 'version'>[];
}

/** The packages of a kernel: one image, or since 6.13 an almost empty image, a binary and modules. */
export const KERNEL_PACKAGES = /^linux-(?:image|binary|modules)-(\d.*-(cloud|rt)-amd64)$/;

/**
 * Finds the newest kernel of a source, with all of its packages that are there.
 *
 * Of versions that it has left behind, trixie-backports may keep the binary without the modules.
 *
 * @returns undefined if no suite has one
 */
export function resolveKernel(source: Source, packages: readonly Package[]): Resolved | undefined {
  const candidates = packages.filter(({ name, version, suite }) => {
    const [, , flavour] = KERNEL_PACKAGES.exec(name) ?? [];
    return source.suites.includes(suite) && version.startsWith(source.version) && flavour === source.flavour;
  });
  const newest = newestOf(candidates);
  const release = newest && releaseOf(newest);
  if (newest === undefined || release === undefined) return undefined;
  const parts = candidates.filter((part) => part.version === newest.version && releaseOf(part) === release);
  return { version: newest.version, release, packages: distinct(parts) };
}

function releaseOf({ name }: Package): string | undefined {
  return KERNEL_PACKAGES.exec(name)?.[1];
}

/** A package that is in several suites counts once. */
function distinct(packages: readonly Package[]): Resolved['packages'] {
  return [...new Map(packages.map(({ name, version }) => [name, { name, version }])).values()];
}

function newestOf(packages: readonly Package[]): Package | undefined {
  const [first, ...rest] = packages;
  return rest.reduce((best, next) => (best && isNewer(next.version, best.version) ? next : best), first);
}

/** Whether a version is higher than another, as dpkg orders them. */
export function isNewer(version: string, than: string): boolean {
  if (version === than) return false;
  try {
    execFileSync('dpkg', ['--compare-versions', version, 'gt', than], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
