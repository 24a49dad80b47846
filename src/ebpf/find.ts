import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AlfError, quote } from '../errors/index.js';

/** Where a filter's compiled object is. */
export interface FilterFile {
  /** The filter's name, from its file: `whitelist-private`. */
  readonly name: string;
  /** The object, absolute. */
  readonly file: string;
  /** Whether it is one of ours. */
  readonly shipped: boolean;
}

const OBJECT = '.bpf.o';
const EXPECTED = 'expected a compiled object (FILTER.bpf.o) or a shipped filter such as whitelist-private';

/**
 * Finds the compiled object of a filter.
 *
 * A filter is written as a path to an object (`my.bpf.o`), as a path to the source of a shipped one
 * (`ebpf/whitelist.c`, from wherever the command is run), or as a shipped one's name (`whitelist`).
 *
 * @param filter as the user wrote it
 * @param root the package's directory
 * @throws AlfError ALF_FILTER if there is no such file, it has no compiled object, or the object is older than it
 */
export function findFilter(filter: string, root: string): FilterFile {
  if (filter.endsWith('.o')) return object(filter);
  const source = findSource(filter, root);
  if (source === undefined) {
    throw new AlfError('ALF_FILTER', `unable to find filter ${quote(filter)}`, { hint: EXPECTED });
  }
  if (!source.endsWith('.c')) {
    throw new AlfError('ALF_FILTER', `${quote(filter)} is not a filter`, { hint: EXPECTED });
  }
  const name = basename(source, '.c');
  if (realpathSync(source) !== join(realpathSync(root), 'ebpf', `${name}.c`)) {
    throw new AlfError('ALF_FILTER', `${quote(filter)} is not a shipped filter and has not been compiled`, {
      hint: `compile it: clang -target bpf -g -O2 -mcpu=v3 -I${root}/ebpf/include -c ${filter} -o ${name}${OBJECT}`,
    });
  }
  return shipped(source, name, root);
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

function object(filter: string): FilterFile {
  const file = resolve(filter);
  const status = statusOf(file);
  if (status === undefined) throw new AlfError('ALF_FILTER', `unable to find filter ${quote(filter)}`);
  if (!status.isFile()) throw new AlfError('ALF_FILTER', `filter ${quote(filter)} is not a regular file`);
  return { name: basename(file).replace(/(\.bpf)?\.o$/, ''), file, shipped: false };
}

function findSource(filter: string, root: string): string | undefined {
  const candidates = filter.includes('/')
    ? [resolve(filter), ...(filter.startsWith('ebpf/') ? [join(root, filter)] : [])]
    : [
        ...(filter.endsWith('.c') ? [resolve(filter)] : []),
        join(root, 'ebpf', `${basename(filter, '.c')}.c`),
      ];
  return candidates.find((file) => statusOf(file)?.isFile());
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
  return { name, file, shipped: true };
}

function unreadable(file: string, error: unknown): AlfError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new AlfError(
    'ALF_FILTER',
    `unable to read ${quote(file)}: ${message.replace(/^\w+: |, .*$/g, '')}`,
    code === undefined ? {} : { errno: code },
  );
}
