import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cleanEnvironment } from './run.js';

/** The versions of Node.js that the set-up installs for the tests, as it names them: `18.19.1`, `24`, `latest`. */
export const NODES: readonly string[] = (
  /^TEST_NODES='(.+)'$/m.exec(readFileSync('scripts/setup.sh', 'utf8'))?.[1] ?? ''
).split(' ');

/** An environment in which one of them is the first node in PATH. */
export function environmentWithNode(version: string): Record<string, string> {
  const directory = resolve(`build/nodes/node_modules/node-${version}/bin`);
  return cleanEnvironment({ PATH: `${directory}:${process.env['PATH']}` });
}
