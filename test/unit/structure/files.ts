import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/objects.js';

/** A file of the repository. */
export interface SourceFile {
  /** From the repository's directory: `src/net/port.ts`. */
  readonly path: string;
  readonly text: string;
}

/** All files below a directory of the repository, but for hidden ones; none if there is no such directory. */
export function filesBelow(directory: string): SourceFile[] {
  if (!existsSync(join(ROOT, directory))) return [];
  return readdirSync(join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.name.startsWith('.')) return [];
    if (entry.isDirectory()) return filesBelow(path);
    return [{ path, text: readFileSync(join(ROOT, path), 'utf8') }];
  });
}
