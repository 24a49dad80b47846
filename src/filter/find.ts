import { type Stats, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AlfError, quote } from '../errors/index.js';
import { readInput } from '../files/index.js';

/** Where a filter is. */
export interface FilterFile {
  /** The filter's name, from its file: `whitelist-private`. */
  readonly name: string;
  /** The object of a shipped filter, or a user's file; absolute. */
  readonly file: string;
  /** The same file as the user wrote it, for messages. */
  readonly shown: string;
  /** Whether it is one of ours. */
  readonly shipped: boolean;
  /** The word as the user wrote it, if a file of that name lies in the working directory and is not used. */
  readonly unused?: string;
}

const OBJECT = '.bpf.o';
/** The most that a filter may hold, and each file that it includes. */
export const MAX_FILTER_BYTES = 64 * 2 ** 20;
const READABLE = 'the user that starts alfwrapper must be able to read it';
const EXPECTED = 'expected a C source, a compiled object, or a shipped filter such as whitelist-private';

/** How a shipped filter is written: as its name, its source, or the path of its source in the package. */
const SHIPPED = /^(?:(?<word>[^/]+?)(?:\.c)?|ebpf\/(?<source>[^/]+)\.c)$/;

/**
 * Finds a filter.
 *
 * `NAME`, `NAME.c` and `ebpf/NAME.c` mean the shipped filter of that name, also if the working directory has such a file. Any
 * other word with a slash or a dot is the path of a file, source or object; `./NAME.c` always is.
 *
 * @param filter as the user wrote it
 * @param root the package's directory
 * @throws AlfError ALF_FILTER if there is no such file, or a shipped filter has no object compiled from its source
 */
export function findFilter(filter: string, root: string): FilterFile {
  const source = shippedSource(filter, root);
  if (source !== undefined) {
    const found = shipped(source, root);
    return liesHere(filter, source) ? { ...found, unused: filter } : found;
  }
  const file = resolve(filter);
  // A word without slash and dot is not a path.
  const status = /[./]/.test(filter) ? statusOf(file) : undefined;
  if (status === undefined) {
    throw new AlfError('ALF_FILTER', `unable to find filter ${quote(filter)}`, { hint: EXPECTED });
  }
  if (!status.isFile()) {
    throw new AlfError('ALF_FILTER', `filter ${quote(filter)} is not a regular file`, { hint: EXPECTED });
  }
  const name = basename(file).replace(/(?<=.)(\.bpf)?\.[co]$/, '');
  const ours = join(root, 'ebpf', `${name}.c`);
  // The source of a shipped filter, by a path of any spelling.
  if (isSameFile(file, ours)) return shipped(ours, root);
  return { name, file, shown: filter, shipped: false };
}

/** @returns undefined if there is no shipped filter of that name */
function shippedSource(filter: string, root: string): string | undefined {
  const { word, source = word } = SHIPPED.exec(filter)?.groups ?? {};
  if (source === undefined) return undefined;
  const file = join(root, 'ebpf', `${source}.c`);
  return statusOf(file)?.isFile() ? file : undefined;
}

/** Whether a word is also the path of a file other than this one. */
function liesHere(word: string, file: string): boolean {
  try {
    return statSync(word, { throwIfNoEntry: false })?.isFile() === true && !isSameFile(word, file);
  } catch {
    // A working directory that is gone or may not be searched hides nothing.
    return false;
  }
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [statusOf(one), statusOf(other)];
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

/**
 * Reads a file whole.
 *
 * @throws AlfError ALF_FILTER if it cannot be read, or is larger than any filter
 */
export function readFilter(file: string): Buffer {
  return readInput(file, { code: 'ALF_FILTER', maxBytes: MAX_FILTER_BYTES, hint: READABLE }).bytes;
}

/** @returns undefined if there is no such file */
function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw unreadable(file, error);
  }
}

/**
 * Finds a shipped filter by its name alone.
 *
 * @throws AlfError ALF_FILTER if it has no object compiled from its source
 */
export function findShipped(name: string, root: string): FilterFile {
  return shipped(join(root, 'ebpf', `${name}.c`), root);
}

/**
 * The object of a shipped filter. The build keeps the source beside it, byte for byte: an edited filter is refused
 * rather than run as it was before. Times say nothing once a tree has been copied.
 */
function shipped(source: string, root: string): FilterFile {
  const name = basename(source, '.c');
  const built = join(root, 'build', 'ebpf', name);
  const file = `${built}${OBJECT}`;
  const hint = `run: cd ${root} && npm run build`;
  if (statusOf(file) === undefined || statusOf(`${built}.c`) === undefined) {
    throw new AlfError('ALF_FILTER', `filter ${quote(name)} has not been built`, { hint });
  }
  if (Buffer.compare(readFilter(source), readFilter(`${built}.c`)) !== 0) {
    throw new AlfError('ALF_FILTER', `${source} differs from the source of its object`, { hint });
  }
  return { name, file, shown: file, shipped: true };
}

function unreadable(file: string, error: unknown): AlfError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new AlfError(
    'ALF_FILTER',
    `unable to read ${quote(file)}: ${message.replace(/^\w+: |, .*$/g, '')}`,
    {
      ...(code === undefined ? {} : { errno: code }),
      hint: READABLE,
    },
  );
}
