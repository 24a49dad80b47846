import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AlfError, quote } from '../../errors/index.js';
import { readInput } from '../../files/index.js';
import { MAX_FILTER_BYTES } from '../find.js';

/** What to compile. */
export interface BccSource {
  /**
   * Path of the C file, relative to the working directory or absolute. It names the source in messages, and quoted
   * includes are looked for beside it.
   */
  readonly file: string;
  /** Its text, if it is not to be read; then there need be no such file. */
  readonly text?: string;
  /** More flags for clang: `-DPORT=80`, `-I…`. */
  readonly flags?: readonly string[];
}

/** The source as libbcc takes it, and as messages speak of it. */
export interface ReadSource {
  /** Its path as it was written. */
  readonly shown: string;
  readonly text: string;
  readonly flags: readonly string[];
}

/**
 * Reads a source, so that what is wrong with the file is said by us and not by a compiler.
 *
 * @param shown its path as messages are to have it
 * @throws AlfError ALF_FILTER if it cannot be read or is empty
 */
export function readSource({ file, text, flags = [] }: BccSource, shown = file): ReadSource {
  const path = resolve(file);
  const read = text ?? readText(path, shown);
  if (read.trim() === '') {
    throw new AlfError('ALF_FILTER', `filter ${quote(shown)} is empty`, { hint: 'expected C source' });
  }
  // libbcc gets a text, which lies nowhere, so that nothing would be beside it.
  return { shown, text: read, flags: [`-iquote${dirname(path)}`, ...flags] };
}

function readText(path: string, shown: string): string {
  try {
    if (!statSync(path).isFile())
      throw new AlfError('ALF_FILTER', `filter ${quote(shown)} is not a regular file`);
    return readInput(path, { code: 'ALF_FILTER', maxBytes: MAX_FILTER_BYTES }).bytes.toString('utf8');
  } catch (error) {
    if (error instanceof AlfError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = message.replace(/^\w+: |, .*$/g, '');
    throw new AlfError(
      'ALF_FILTER',
      `unable to read ${quote(shown)}: ${reason}`,
      code === undefined ? {} : { errno: code },
    );
  }
}

/**
 * The headers to compile against: a stub of our own, or the tree of a kernel's source that the user names.
 *
 * @param variable value of BCC_KERNEL_SOURCE, undefined if it is not set
 * @throws AlfError ALF_FILTER if it is not such a tree: BCC would search other places, /tmp among them
 */
export function kernelSource(root: string, variable: string | undefined): string {
  if (variable === undefined) return join(root, 'ebpf', 'kernel');
  const needed = join(variable, 'include', 'linux', 'kconfig.h');
  if (statSync(needed, { throwIfNoEntry: false })?.isFile()) return variable;
  throw new AlfError('ALF_FILTER', `BCC_KERNEL_SOURCE is not a kernel source: it has no ${quote(needed)}`, {
    hint: 'unset BCC_KERNEL_SOURCE: a filter needs no kernel headers',
  });
}
