import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file, directory or symbolic link of a guest, owned by its root. */
export type Entry =
  | { readonly path: string; readonly directory: true; readonly mode?: number }
  | { readonly path: string; readonly target: string }
  | { readonly path: string; readonly from: string; readonly mode?: number }
  | { readonly path: string; readonly data: string | Uint8Array; readonly mode?: number };

const [DIRECTORY, LINK, FILE] = [0o040000, 0o120000, 0o100000];

/**
 * Writes an archive for an initramfs; several can be concatenated.
 *
 * Directories that are not mentioned are made. Copied files keep their mode and the time of their last change, by
 * which the product knows whether a compiled object is older than its source.
 *
 * @see Documentation/driver-api/early-userspace/buffer-format.rst in the kernel's source
 */
export function makeCpio(entries: readonly Entry[]): Buffer {
  const made = new Set(['.', '/']);
  const parts: Buffer[] = [];
  const add = (path: string, mode: number, data: Uint8Array, mtimeMs: number): void => {
    parts.push(...record(parts.length + 1, path, mode, data, Math.floor(mtimeMs / 1000)));
  };
  const makeDirectory = (path: string, mode = 0o755): void => {
    if (made.has(path)) return;
    makeDirectory(dirname(path));
    made.add(path);
    add(path, DIRECTORY | mode, new Uint8Array(), Date.now());
  };
  for (const entry of entries) {
    makeDirectory(dirname(entry.path));
    if ('directory' in entry) makeDirectory(entry.path, entry.mode);
    else if ('target' in entry) add(entry.path, LINK | 0o777, Buffer.from(entry.target), Date.now());
    else if ('from' in entry) {
      const { mode, mtimeMs } = statSync(entry.from);
      add(entry.path, FILE | (entry.mode ?? mode & 0o777), readFileSync(entry.from), mtimeMs);
    } else add(entry.path, FILE | (entry.mode ?? 0o644), Buffer.from(entry.data), Date.now());
  }
  parts.push(...record(0, 'TRAILER!!!', 0, new Uint8Array(), 0));
  return Buffer.concat(parts);
}

/** One record in the format "newc": thirteen numbers of eight hexadecimal digits, the name, the data; both padded to four bytes. */
function record(inode: number, path: string, mode: number, data: Uint8Array, mtime: number): Buffer[] {
  const name = Buffer.from(`${path.replace(/^\//, '')}\0`);
  const [uid, gid, links, device] = [0, 0, 1, 0];
  const numbers = [
    inode,
    mode,
    uid,
    gid,
    links,
    mtime,
    data.length,
    device,
    device,
    device,
    device,
    name.length,
    0,
  ];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`;
  return [
    Buffer.from(header),
    name,
    padding(header.length + name.length),
    Buffer.from(data.buffer, data.byteOffset, data.length),
    padding(data.length),
  ];
}

function padding(size: number): Buffer {
  return Buffer.alloc(-size & 3);
}
