import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AlfError, quote } from '../errors/index.js';

/** Where a filter is. */
export interface FilterFile {
  /** The filter's name, from its file: `whitelist-private`. */
  readonly name: string;
  /** The object of a shipped filter, the file of somebody's own; absolute. */
  readonly file: string;
  /** The same file as the user wrote it, for messages. */
  readonly shown: string;
  /** Whether it is one of ours. */
  readonly shipped: boolean;
}

const OBJECT = '.bpf.o';
const EXPECTED = 'expected a C source, a compiled object, or a shipped filter such as whitelist-private';

/**
 * Finds a filter.
 *
 * One of our own is written as its name (`whitelist`) or as the path of its source (`ebpf/whitelist.c`, from wherever
 * the command is run); anybody else's as the path of a file, source or object, whatever it is called.
 *
 * @param filter as the user wrote it
 * @param root the package's directory
 * @throws AlfError ALF_FILTER if there is no such file, or a shipped filter has no compiled object or an older one
 */
export function findFilter(filter: string, root: string): FilterFile {
  const found = candidates(filter, root).find((file) => statusOf(file) !== undefined);
  if (found === undefined) {
    throw new AlfError('ALF_FILTER', `unable to find filter ${quote(filter)}`, { hint: EXPECTED });
  }
  if (!statusOf(found)?.isFile()) {
    throw new AlfError('ALF_FILTER', `filter ${quote(filter)} is not a regular file`, { hint: EXPECTED });
  }
  const name = basename(found).replace(/(?<=.)(\.bpf)?\.[co]$/, '');
  return isShipped(found, name, root)
    ? shipped(found, name, root)
    : { name, file: found, shown: filter, shipped: false };
}

/** Whether it is the source of one of our own, by whatever path. */
function isShipped(file: string, name: string, root: string): boolean {
  const ours = join(root, 'ebpf', `${name}.c`);
  return statusOf(ours) !== undefined && realpathSync(file) === realpathSync(ours);
}

/** A word without slash and dot is the name of a shipped filter, whatever lies in the working directory. */
function candidates(filter: string, root: string): string[] {
  if (filter.includes('/')) {
    return [resolve(filter), ...(filter.startsWith('ebpf/') ? [join(root, filter)] : [])];
  }
  const ours = join(root, 'ebpf', `${basename(filter, '.c')}.c`);
  return filter.includes('.') ? [resolve(filter), ours] : [ours];
}

/**
 * Reads a file whole.
 *
 * @throws AlfError ALF_FILTER if it cannot be read
 */
export function readFilter(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
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

/** Somebody who edits a shipped filter must not go on running the one it was compiled from before. */
function shipped(source: string, name: string, root: string): FilterFile {
  const file = join(root, 'build', 'ebpf', `${name}${OBJECT}`);
  const built = statusOf(file);
  if (built === undefined) {
    throw new AlfError('ALF_FILTER', `filter ${name} has not been built`, {
      hint: `run: cd ${root} && npm run build`,
    });
  }
  if (statSync(source).mtimeMs > built.mtimeMs) {
    throw new AlfError('ALF_FILTER', `${source} is newer than its compiled object`, {
      hint: `run: cd ${root} && npm run build`,
    });
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
      hint: 'it has to be a file that the user who starts alfwrapper can read',
    },
  );
}
