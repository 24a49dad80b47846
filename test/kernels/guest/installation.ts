import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

const DIST = '/alf/dist';

/** Inode, size and time of the node that made a code cache, in the cache's name. @see scripts/boot.cjs */
const MAKER = /-\d+-\d+-[\d.]+(?=(--.*)?\.cache$)/;

/**
 * Makes the code cache and the tried flags of the build hold in this guest.
 *
 * Both are bound to the inode of the node that the build ran. The guest has the same node under another inode.
 */
export function adoptBuild(): void {
  const { ino, size, mtimeMs } = statSync(process.execPath);
  for (const name of readdirSync(DIST).filter((name) => MAKER.test(name)))
    renameSync(`${DIST}/${name}`, `${DIST}/${name.replace(MAKER, `-${ino}-${size}-${mtimeMs}`)}`);
  const flags = `${DIST}/node-flags`;
  writeFileSync(flags, readFileSync(flags, 'latin1').replace(/^\d+/, String(ino)));
}
