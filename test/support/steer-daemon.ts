import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { companionsOf, hasEnded, kill, waitFor } from './steer.js';

/** Kinds of `steer-daemon`, and how many ties the companion makes for each: two for a process of another user. */
const TIES = { plain: 1, daemonize: 1, workers: 3, 'setsid-workers': 3, 'drop-uid': 2, thread: 1 };

export type Kind = keyof typeof TIES;

/** The sink, its peer, and the tie of the target. */
const BARE_SOCKETS = 3;

const AT_MOST_MS = 20_000;
/** Longer than a companion is in the middle of making a tie. */
const SETTLED_MS = 20;

/** Where messages go: a socket, in tests. */
const STANDARD_ERROR = '2';

/** The sockets in the descriptor table of a process, without standard error and those that are closed meanwhile. */
export function socketsOf(pid: number): string[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).filter((fd) => fd !== STANDARD_ERROR);
  const links = descriptors.map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return [...new Set(links.filter((link) => link.startsWith('socket:')))];
}

/**
 * Waits until the companion has found the processes of a daemon that has said that it serves. Kills the standby for that: the
 * next one looks at once, and all ties that appear afterwards are its own.
 *
 * @param pid one of the companion's processes
 */
export async function waitForTies(pid: number, kind: Kind): Promise<void> {
  const isStandby = (each: number) => readFileSync(`/proc/${each}/comm`, 'latin1').startsWith('alf-standby');
  let pair = await companionsOf(pid);
  // It gets its name a little after its start.
  await waitFor(() => pair.filter(isStandby).length === 1, AT_MOST_MS);
  if (!isStandby(pair[0])) pair = [pair[1], pair[0]];
  const [standby, first] = pair;
  kill(standby);
  await waitFor(() => hasEnded(standby), AT_MOST_MS);
  const before = new Set(socketsOf(first));
  const hasAll = () => {
    const sockets = socketsOf(first);
    const added = sockets.filter((socket) => !before.has(socket));
    return added.length === TIES[kind] && sockets.length === BARE_SOCKETS + TIES[kind];
  };
  do {
    await waitFor(hasAll, AT_MOST_MS);
    await sleep(SETTLED_MS);
  } while (!hasAll());
}
