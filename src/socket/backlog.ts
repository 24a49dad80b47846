import { type CoreOps, check } from '../kernel/index.js';
import { isUnixListener, type PlannedListener } from '../plan/index.js';
import { acceptQueue } from './accept-queue.js';
import type { AdoptedListener } from './adopt.js';
import { type Connection, listWaiting } from './waiting.js';

/** Whether the filter lets every packet of a connection through. */
export type IsAllowed = (connection: Connection) => boolean;

/** What was removed from a listener's queue, and why. */
export interface Removed {
  readonly plan: PlannedListener;
  /** Connections that were reset, or datagrams that were discarded. */
  readonly count: number;
  readonly reason: string;
}

/** Room for any sockaddr. */
const SOCKADDR_MAX = 128;

/** More datagrams than any receive buffer holds: it has at most 2 GiB, and a datagram takes at least 512 bytes of it. */
const MAX_DATAGRAMS = 1 << 22;

/**
 * Removes what arrived before the filter from the queues of listeners, and so has not met it.
 *
 * Waiting connections stay if the rules allow all of them and the list of them is exact; else all of a listener's are
 * reset. Datagrams are discarded: their senders are unknown until they are received.
 *
 * @param adopted with their filters on
 * @param isAllowed undefined if only the filter can say
 * @throws AlfError ALF_SOCKET
 */
export function drainBacklogs(
  core: CoreOps,
  adopted: readonly AdoptedListener[],
  isAllowed: IsAllowed | undefined,
): Removed[] {
  const filtered = adopted.filter(({ plan }) => plan.tier !== 'none');
  const [first] = filtered;
  if (first === undefined) return [];
  // A packet that met no filter may still be on its way into a queue, on another CPU.
  check(core.awaitGracePeriod(), 'ALF_SOCKET', `wait for the filter of ${first.plan.label} (membarrier)`, {
    EINVAL: 'a kernel that was booted with nohz_full cannot wait; let alfwrapper listen (--listen)',
  });
  return filtered
    .map(({ plan, listener }) => drainBacklog(core, plan, listener.fd, isAllowed))
    .filter(({ count }) => count > 0);
}

function drainBacklog(
  core: CoreOps,
  plan: PlannedListener,
  fd: number,
  isAllowed: IsAllowed | undefined,
): Removed {
  if (plan.socket.type === 'datagram') {
    return { plan, count: discardDatagrams(core, plan, fd), reason: 'their senders are unknown' };
  }
  const { waiting } = acceptQueue(core, plan, fd);
  if (waiting === 0 || isUnixListener(plan)) return { plan, count: 0, reason: '' };
  const reason =
    isAllowed === undefined
      ? 'only the filter can say whether they are allowed'
      : whyReset(listWaiting(core, plan, fd), isAllowed);
  return { plan, count: reason === '' ? 0 : resetWaiting(core, plan, fd, waiting), reason };
}

/** @returns nothing if all of them can stay */
function whyReset(listed: readonly Connection[] | string, isAllowed: IsAllowed): string {
  if (typeof listed === 'string') return listed;
  return listed.every(isAllowed) ? '' : 'the rules do not allow all of them';
}

function resetWaiting(core: CoreOps, plan: PlannedListener, fd: number, waiting: number): number {
  const sockaddr = new Uint8Array(SOCKADDR_MAX);
  for (let count = 0; count < waiting; count++) {
    const status = core.resetWaiting(fd, sockaddr);
    // Another process that has the socket has accepted it.
    if (status === -core.constants.EAGAIN) return count;
    check(status, 'ALF_SOCKET', `reset a connection on ${plan.label}`);
  }
  return waiting;
}

function discardDatagrams(core: CoreOps, plan: PlannedListener, fd: number): number {
  for (let count = 0; count < MAX_DATAGRAMS; count++) {
    const status = core.discardDatagram(fd);
    if (status === -core.constants.EAGAIN) return count;
    // An ICMP error for a datagram that was sent from this socket is reported here, once.
    if (status !== -core.constants.ECONNREFUSED)
      check(status, 'ALF_SOCKET', `empty the queue of ${plan.label}`);
  }
  return MAX_DATAGRAMS;
}
