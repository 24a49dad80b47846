import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SourceFile } from '../filter.js';
import { readFilter } from '../find.js';
import type { Compiled } from './compile.js';
import type { Compiler } from './compiler.js';

/** Changes when entries are written in another way. */
const FORMAT = 'alfwrapper 1';

/** What the compiler reads without saying so: an object made with it cannot be told to be out of date. */
const UNSEEN = /\bincbin\b|#\s*embed\b|__has_include|__has_embed|__TIME__|__DATE__|__TIMESTAMP__/;

interface Header {
  /** Digest of the object. */
  readonly object: string;
  /** Digests of the included files by path. */
  readonly included: Readonly<Record<string, string>>;
}

/** The name of the entry for a source and the compiler it is compiled with. */
export function nameEntry({ file, bytes }: SourceFile, { identity, flags }: Compiler): string {
  // The directory counts, because includes are looked for in it; the file's name stands in the object.
  const parts = [FORMAT, identity, ...flags, file, digest(bytes)];
  return digest(Buffer.from(JSON.stringify(parts)));
}

/**
 * Lays an object out with what it was made from.
 *
 * @returns undefined if one of the files cannot be read, or draws on what cannot be checked afterwards
 */
export function encodeEntry({ bytes }: SourceFile, { object, included }: Compiled): Uint8Array[] | undefined {
  const digests: Record<string, string> = {};
  if (UNSEEN.test(Buffer.from(bytes).toString('latin1'))) return undefined;
  for (const path of included) {
    const content = readInclude(path);
    if (content === undefined || (!isSystemHeader(path) && UNSEEN.test(content.toString('latin1'))))
      return undefined;
    digests[path] = digest(content);
  }
  const header: Header = { object: digest(object), included: digests };
  return [Buffer.from(`${JSON.stringify(header)}\n`), object];
}

/**
 * Takes the object out of an entry.
 *
 * @returns undefined if the entry is damaged, or one of the included files is not what it was
 */
export function decodeEntry(entry: Uint8Array): Uint8Array | undefined {
  try {
    const end = entry.indexOf(0x0a);
    const header = JSON.parse(Buffer.from(entry.subarray(0, end)).toString()) as Header;
    const object = entry.subarray(end + 1);
    if (header.object !== digest(object)) return undefined;
    const unchanged = Object.entries(header.included).every(([path, before]) => {
      const content = readInclude(path);
      return content !== undefined && digest(content) === before;
    });
    return unchanged ? object : undefined;
  } catch {
    return undefined;
  }
}

/** They ask whether the compiler has headers of its own, which its identity covers. */
function isSystemHeader(path: string): boolean {
  return dirname(path).startsWith('/usr/');
}

function readInclude(path: string): Buffer | undefined {
  try {
    return statSync(path).isFile() ? readFilter(path) : undefined;
  } catch {
    return undefined;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
