import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Group and others. */
const SHARED = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

/** What is kept at most; the entries that were used longest ago go first. */
const MOST_ENTRIES = 64;
const MOST_BYTES = 32 * 2 ** 20;

/** Why there is no cache. */
export class NoCache extends Error {}

/**
 * A directory of files by name, that nobody but this user can have written.
 *
 * The directory is held by a descriptor, so that it cannot be exchanged for another one between the look at its owner
 * and the use of a file in it.
 */
export class Cache {
  readonly #fd: number;
  readonly #uid: number;

  private constructor(fd: number, uid: number) {
    this.#fd = fd;
    this.#uid = uid;
  }

  /**
   * Opens the cache of a user, and makes it if need be.
   *
   * @param base the directory for caches: `$XDG_CACHE_HOME` or `~/.cache`, absolute
   * @param uid the user, who has to be the owner of everything
   * @throws NoCache in words, where it cannot be trusted or cannot be made
   */
  static open(base: string, uid: number): Cache {
    const directory = join(base, 'alfwrapper');
    try {
      makeDirectory(base, directory, uid);
      const fd = openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      const problem = problemOf(fstatSync(fd), uid);
      if (problem === undefined) return new Cache(fd, uid);
      closeSync(fd);
      throw new NoCache(`${directory} ${problem}`);
    } catch (error) {
      if (error instanceof NoCache) throw error;
      const { code } = error as NodeJS.ErrnoException;
      throw new NoCache(`unable to open ${directory} (${code})`);
    }
  }

  /** @returns undefined if there is no such file, or it could be somebody else's */
  read(name: string): Uint8Array | undefined {
    let fd: number;
    try {
      fd = openSync(this.#path(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch {
      return undefined;
    }
    try {
      const status = fstatSync(fd);
      const trusted = status.isFile() && status.uid === this.#uid && (status.mode & WRITABLE_BY_OTHERS) === 0;
      if (!trusted) return undefined;
      const bytes = readFileSync(fd);
      touch(fd);
      return bytes;
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Puts a file in place: whoever reads it finds it whole or not at all, after a crash too.
   *
   * @param unique tells writers of the same file apart
   * @throws NoCache in words
   */
  write(name: string, bytes: readonly Uint8Array[], unique: number): void {
    const temporary = `${name}.${unique}.tmp`;
    try {
      // What another process of this id has left when it was killed.
      this.#remove(temporary);
      const fd = openSync(this.#path(temporary), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      try {
        for (const part of bytes) writeWhole(fd, part);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(this.#path(temporary), this.#path(name));
      this.#evict(name);
    } catch (error) {
      this.#remove(temporary);
      throw new NoCache(`unable to write to the cache (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #path(name: string): string {
    return `/proc/self/fd/${this.#fd}/${name}`;
  }

  #remove(name: string): void {
    try {
      unlinkSync(this.#path(name));
    } catch {
      // It may be gone already.
    }
  }

  #evict(newest: string): void {
    const files = readdirSync(this.#path('.'))
      .flatMap((name) => {
        const status = statSync(this.#path(name), { throwIfNoEntry: false });
        return status === undefined ? [] : [{ name, size: status.size, used: status.mtimeMs }];
      })
      .sort((a, b) => (a.name === newest ? -1 : b.name === newest ? 1 : b.used - a.used));
    let total = 0;
    for (const [index, { name, size }] of files.entries()) {
      total += size;
      if (index >= MOST_ENTRIES || (total > MOST_BYTES && index > 0)) this.#remove(name);
    }
  }
}

/** Not in a directory of somebody else's: root would leave files in the home of a user whose HOME it was given. */
function makeDirectory(base: string, directory: string, uid: number): void {
  if (statSync(directory, { throwIfNoEntry: false }) !== undefined) return;
  makeOne(base);
  if (statSync(base).uid !== uid) throw new NoCache(`${base} belongs to another user`);
  makeOne(directory);
}

/** Another start may have made it meanwhile. */
function makeOne(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function problemOf(status: { readonly uid: number; readonly mode: number }, uid: number): string | undefined {
  if (status.uid !== uid) return 'belongs to another user';
  return (status.mode & SHARED) === 0 ? undefined : 'is open to other users (chmod 700 makes it usable)';
}

/** Used just now. That it cannot be said on a file system that is read-only is no reason not to use it. */
function touch(fd: number): void {
  try {
    const now = Date.now() / 1000;
    futimesSync(fd, now, now);
  } catch {
    // Then it goes earlier.
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
}

/** Where caches are kept; undefined if the environment does not say. @see XDG Base Directory Specification */
export function cacheBase(variable: (name: string) => string | undefined): string | undefined {
  const own = variable('XDG_CACHE_HOME') ?? '';
  if (isAbsolute(own)) return own;
  const home = variable('HOME') ?? '';
  return isAbsolute(home) ? join(home, '.cache') : undefined;
}
