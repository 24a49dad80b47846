import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
const MODE = 0o644;
const DIRECTORY_MODE = 0o755;

/**
 * Replaces a file atomically, and makes its directory if there is none: after a crash the file is the old or the new one.
 *
 * @param textFor returns the text; `made` is whether the directory was made
 * @throws the error of the system call that failed; nothing is left behind
 */
export function replaceFile(path: string, textFor: (made: boolean) => string): void {
  const directory = dirname(path);
  const made = makeDirectory(directory);
  const temporary = `${path}.new`;
  try {
    // A leftover of a crash.
    rmSync(temporary, { force: true });
    writeWhole(temporary, textFor(made));
    renameSync(temporary, path);
    syncDirectory(directory);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (made) rmdirSync(directory);
    throw error;
  }
}

/**
 * Removes a file, and its directory if that is to go as well and is empty.
 *
 * @throws the error of the system call that failed
 */
export function removeFile(path: string, withDirectory: boolean): void {
  rmSync(path);
  if (withDirectory) removeIfEmpty(dirname(path));
}

function makeDirectory(directory: string): boolean {
  try {
    mkdirSync(directory, DIRECTORY_MODE);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function writeWhole(path: string, text: string): void {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    // The umask does not count.
    fchmodSync(fd, MODE);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, O_RDONLY | O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
