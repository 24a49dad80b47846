import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Group and others. */
const SHARED = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

const ROOT = 0;

/** The directory of our cache below that of all caches. */
const NAME = 'alfwrapper';

/** What is kept at most; the entries that were used longest ago go first. */
const MAX_ENTRIES = 64;
const MAX_BYTES = 32 * 2 ** 20;

/** Why there is no cache. */
export class NoCache extends Error {}

/**
 * A directory of files by name that only this user can write.
 *
 * The directory is held by a descriptor, so that it cannot be exchanged for another one between the check of its owner
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
   * The directory above `base`, `base` and the cache in it are opened one below the other, and checked once they are
   * open. None of the last two is followed if it is a symbolic link.
   *
   * @param base the directory for caches: `$XDG_CACHE_HOME` or `~/.cache`, absolute
   * @param uid the user, who has to be the owner of the cache
   * @throws NoCache in words, where it cannot be trusted or cannot be made
   */
  static open(base: string, uid: number): Cache {
    const above = enter(dirname(base), O_RDONLY | O_DIRECTORY);
    try {
      assertOwner(above, dirname(base), [uid, ROOT]);
      assertOwnLinks(above, dirname(base), [uid, ROOT]);
      const within = enterOwn(above, base);
      try {
        // In a directory of root's, root has to have made it for us.
        if (lstatSync(below(within, NAME), { throwIfNoEntry: false }) === undefined)
          assertOwner(within, base, [uid]);
        assertOwner(within, base, [uid, ROOT]);
        return new Cache(openOwn(within, join(base, NAME), uid), uid);
      } finally {
        closeSync(within);
      }
    } finally {
      closeSync(above);
    }
  }

  /** @returns undefined if there is no such file, or if another user could have written it */
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
   * Puts a file in place: a reader finds it whole or not at all, even after a crash.
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
    return below(this.#fd, name);
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
        const status = lstatSync(this.#path(name), { throwIfNoEntry: false });
        return status?.isFile() !== true ? [] : [{ name, size: status.size, used: status.mtimeMs }];
      })
      .sort((a, b) => (a.name === newest ? -1 : b.name === newest ? 1 : b.used - a.used));
    let total = 0;
    for (const [index, { name, size }] of files.entries()) {
      total += size;
      if (index >= MAX_ENTRIES || (total > MAX_BYTES && index > 0)) this.#remove(name);
    }
  }
}

/** @returns a descriptor of a directory; `shown` is its name in messages */
function enter(path: string, flags: number, shown = path): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw new NoCache(`unable to open ${shown} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Enters a directory below an open one, by its last name. Makes it if it is not there. */
function enterOwn(above: number, directory: string): number {
  const path = below(above, basename(directory));
  makeOne(path, directory);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new NoCache(`${directory} is a symbolic link`);
  return enter(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, directory);
}

function openOwn(within: number, directory: string, uid: number): number {
  const fd = enterOwn(within, directory);
  try {
    assertOwner(fd, directory, [uid]);
    if ((fstatSync(fd).mode & SHARED) === 0) return fd;
    throw new NoCache(`${directory} is open to other users (chmod 700 makes it usable)`);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Root would leave files in the home of a user whose HOME it was given. */
function assertOwner(fd: number, directory: string, owners: readonly number[]): void {
  if (!owners.includes(fstatSync(fd).uid)) throw new NoCache(`${directory} belongs to another user`);
}

/** A link in the directory of another user may lead anywhere, into a directory of root's too. */
function assertOwnLinks(fd: number, directory: string, owners: readonly number[]): void {
  if (readlinkSync(`/proc/self/fd/${fd}`) === directory) return;
  for (let at = directory; at !== dirname(at); at = dirname(at))
    if (!owners.includes(lstatSync(at).uid)) throw new NoCache(`${at} belongs to another user`);
}

/** Another start may have made it meanwhile. */
function makeOne(path: string, directory: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Where nothing can be made, what is there may do.
    if (code !== 'EEXIST' && lstatSync(path, { throwIfNoEntry: false }) === undefined)
      throw new NoCache(`unable to make ${directory} (${code})`);
  }
}

/** A name in an open directory, wherever that has been moved. */
function below(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

/** Marks it as used now. A read-only file system does not prevent its use. */
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

/**
 * Where caches are kept; undefined if the environment does not say.
 *
 * A HOME that is another user's, as `sudo` may leave it, is not this user's to keep a cache in: the user database says
 * where that is.
 *
 * @param home the home of this user in the user database; undefined if it has none
 * @see XDG Base Directory Specification
 */
export function cacheBase(
  variable: (name: string) => string | undefined,
  uid: number,
  home: () => string | undefined,
): string | undefined {
  const explicit = variable('XDG_CACHE_HOME') ?? '';
  if (isAbsolute(explicit)) return resolve(explicit);
  const given = variable('HOME') ?? '';
  if (!isAbsolute(given)) return undefined;
  const own = [uid, ROOT].includes(ownerOf(given) ?? uid) ? given : (home() ?? '');
  return isAbsolute(own) ? join(own, '.cache') : undefined;
}

/** @returns undefined where that cannot be told */
function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}
