import { AlfError } from '../errors/index.js';

const OLDEST = [20, 20] as const;

/**
 * Refuses a Node.js that we have never run on: what it does to a process before our code runs is not known.
 *
 * @param version as in `process.versions.node`: `20.20.2`
 * @throws AlfError ALF_NATIVE
 */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new AlfError('ALF_NATIVE', `Node.js ${version} is too old`, {
    hint: `install Node.js ${OLDEST.join('.')} or later, or put it first in PATH`,
  });
}
