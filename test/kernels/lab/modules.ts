import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, makeCpio } from './cpio.js';

/** The modules the guests need, those first that others depend on. */
export const MODULES = ['veth', 'inet_diag', 'tcp_diag', 'udp_diag'];

const UNPACK: Readonly<Record<string, (path: string) => Buffer>> = {
  ko: (path) => readFileSync(path),
  xz: (path) => execFileSync('xz', ['-dc', path], { maxBuffer: 1 << 26 }),
  zst: (path) => execFileSync('zstd', ['-qdc', path], { maxBuffer: 1 << 26 }),
};

/** Writes the archive of a kernel's modules: `/modules/NAME.ko`, unpacked. */
export function findModules(unpacked: string, archive: string): void {
  const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
  const entries = MODULES.flatMap((name): Entry[] => {
    const path = files.find((file) => file.split('/').at(-1)?.startsWith(`${name}.ko`));
    const unpack = path && UNPACK[path.split('.').at(-1) ?? ''];
    return path && unpack ? [{ path: `/modules/${name}.ko`, data: unpack(join(unpacked, path)) }] : [];
  });
  writeFileSync(archive, makeCpio([{ path: '/modules', directory: true }, ...entries]));
}
