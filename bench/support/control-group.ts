import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';

/**
 * Creates a control group (cgroup v2), if cgroup2 is mounted.
 *
 * @returns its directory; it can be removed when no process is in it
 */
export function makeControlGroup(name: string): { readonly path: string; remove(): void } {
  const path = `${findControlGroups()}/${name}-${process.pid}`;
  mkdirSync(path);
  return { path, remove: () => rmdirSync(path) };
}

/** The mount point of cgroup2. */
export function findControlGroups(): string {
  const [, mounted] = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/self/mounts', 'utf8')) ?? [];
  if (mounted !== undefined) return mounted;
  throw new Error('no cgroup2 is mounted; try: mount -t cgroup2 none /sys/fs/cgroup');
}
