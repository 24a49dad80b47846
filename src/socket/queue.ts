import { readFileSync } from 'node:fs';
import { type CoreOps, check } from '../native/index.js';
import {
  type Address,
  decodeSockaddr,
  type Endpoint,
  formatEndpoint,
  hostIsLittleEndian,
} from '../net/index.js';
import { isUnixListener, type PlannedListener } from '../plan/index.js';
import { acceptQueue } from './accept-queue.js';

/** Whether rules let a connection through, by its two ends. */
export type Admits = (from: Endpoint, to: Endpoint) => boolean;

/** Room for any sockaddr. */
const SOCKADDR_MAX = 128;

/** More datagrams than any receive buffer holds, so that a flood cannot keep us here. */
const MOST_DATAGRAMS = 1 << 20;

/**
 * Deals with what waits on a listener since before it had its filter. Whatever comes now meets the filter.
 *
 * Connections wait in order and cannot be put back. If all of them are admitted they stay; otherwise they are reset, from
 * the first up to the last that is not. Datagrams do not show who sent them without being taken out, and go.
 *
 * @param admits undefined if nobody can say
 * @returns how many were turned away
 * @throws AlfError ALF_SOCKET
 */
export function settleQueue(
  core: CoreOps,
  plan: PlannedListener,
  fd: number,
  admits: Admits | undefined,
): number {
  if (plan.socket.type === 'datagram') return discardDatagrams(core, plan, fd);
  if (isUnixListener(plan)) return 0;
  const { waiting } = acceptQueue(core, plan, fd);
  if (waiting === 0) return 0;
  const denied = admits && listWaiting(plan.socket)?.filter(({ from, to }) => !admits(from, to));
  return turnAway(core, plan, fd, waiting, denied && new Set(denied.map(({ from }) => formatEndpoint(from))));
}

function discardDatagrams(core: CoreOps, plan: PlannedListener, fd: number): number {
  for (let count = 0; count < MOST_DATAGRAMS; count++) {
    const status = core.discardDatagram(fd);
    if (status === -core.constants.EAGAIN) return count;
    // What a datagram of ours came back as (ICMP) is reported here, once.
    if (status !== -core.constants.ECONNREFUSED)
      check(status, 'ALF_SOCKET', `empty the queue of ${plan.label}`);
  }
  return MOST_DATAGRAMS;
}

/** @param denied by their own end; undefined stands for all */
function turnAway(
  core: CoreOps,
  plan: PlannedListener,
  fd: number,
  waiting: number,
  denied: Set<string> | undefined,
): number {
  const sockaddr = new Uint8Array(SOCKADDR_MAX);
  let count = 0;
  while (count < waiting && denied?.size !== 0) {
    const status = core.resetWaiting(fd, sockaddr);
    if (status === -core.constants.EAGAIN) break;
    check(status, 'ALF_SOCKET', `turn a connection on ${plan.label} away`);
    const from = decodeSockaddr(sockaddr, core.constants);
    if (from !== undefined) denied?.delete(formatEndpoint(from));
    count++;
  }
  return count;
}

/** States of connections that nobody may have accepted yet: established, and closed by the peer since. */
const OPEN_STATES = ['01', '08'];

/** The two ends of a connection. */
interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/**
 * The connections that have been made to a listener and not been accepted: those that belong to no file.
 *
 * @returns undefined if /proc does not tell
 * @see proc_net_tcp.rst in the kernel's documentation
 */
function listWaiting(bound: Endpoint): Connection[] | undefined {
  try {
    const text = readFileSync(`/proc/net/${bound.address.family === 4 ? 'tcp' : 'tcp6'}`, 'latin1');
    return parseTable(text).filter(
      ({ to }) => to.port === bound.port && couldBeFor(to.address, bound.address),
    );
  } catch {
    return undefined;
  }
}

/** Whether a listener bound to an address may have got a connection to another one. */
function couldBeFor(to: Address, bound: Address): boolean {
  return bound.bytes.every((byte) => byte === 0) || to.bytes.join() === bound.bytes.join();
}

/** Reads `/proc/net/tcp` or `tcp6`: connections without an inode. */
export function parseTable(text: string): Connection[] {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, local = '', remote = '', state = '', , , , , , inode]) =>
    inode === '0' && OPEN_STATES.includes(state) ? [{ from: parseEnd(remote), to: parseEnd(local) }] : [],
  );
}

/** `0100007F:1F90`: words of the address in the machine's byte order, and the port. */
function parseEnd(text: string): Endpoint {
  const [address = '', port = ''] = text.split(':');
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const inOrder = [0, 2, 4, 6].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
    return hostIsLittleEndian() ? inOrder.reverse() : inOrder;
  });
  const family = bytes.length === 4 ? 4 : 6;
  return { address: { family, bytes, zone: '' }, port: Number.parseInt(port, 16) };
}
