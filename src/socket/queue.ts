import { readFileSync, readlinkSync } from 'node:fs';
import { type CoreOps, check } from '../native/index.js';
import {
  type Address,
  decodeSockaddr,
  type Endpoint,
  formatEndpoint,
  hostIsLittleEndian,
} from '../net/index.js';
import { type InternetListener, isUnixListener, type PlannedListener } from '../plan/index.js';
import { acceptQueue } from './accept-queue.js';

/** Whether rules let a connection through, by its two ends. */
export type Admits = (from: Endpoint, to: Endpoint) => boolean;

/** Room for any sockaddr. */
const SOCKADDR_MAX = 128;

/** How often to look while others come, before all are turned away. */
const MOST_LOOKS = 8;

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
  if (acceptQueue(core, plan, fd).waiting === 0) return 0;
  const listed = admits && listAll(core, plan, fd);
  if (admits === undefined || listed === undefined) return turnAway(core, plan, fd, undefined);
  const denied = listed.filter(({ from, to }) => !admits(from, to));
  return turnAway(core, plan, fd, new Set(denied.map(({ from }) => formatEndpoint(from))));
}

/**
 * Lists all that wait on a listener, or nobody.
 *
 * A connection that its peer has reset waits and is in no list, and what it has brought can be read. So the list must be
 * as long as the queue is right afterwards; while others come, that takes another look.
 */
function listAll(core: CoreOps, plan: InternetListener, fd: number): Connection[] | undefined {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const listed = listWaiting(plan.socket, fd);
    if (listed === undefined || listed.length === acceptQueue(core, plan, fd).waiting) return listed;
  }
  return undefined;
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
  plan: InternetListener,
  fd: number,
  denied: Set<string> | undefined,
): number {
  const { waiting } = acceptQueue(core, plan, fd);
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

const LISTENING = '0A';

/** The inode of what no file belongs to. */
const NO_FILE = '0';

/** A connection, or a listener. */
interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** In hexadecimal digits. */
  readonly state: string;
  readonly inode: string;
}

/**
 * The connections that have been made to a listener and not been accepted: those that belong to no file.
 *
 * @returns undefined if /proc does not tell: it shows our own network namespace, and the listener may be of another one
 */
function listWaiting(bound: Endpoint, fd: number): Connection[] | undefined {
  try {
    const [, inode = ''] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`)) ?? [];
    const rows = parseTable(
      readFileSync(`/proc/net/${bound.address.family === 4 ? 'tcp' : 'tcp6'}`, 'latin1'),
    );
    if (!rows.some((row) => row.state === LISTENING && row.inode === inode)) return undefined;
    return rows.filter(
      ({ state, inode, to }) =>
        inode === NO_FILE &&
        OPEN_STATES.includes(state) &&
        to.port === bound.port &&
        couldBeFor(to.address, bound.address),
    );
  } catch {
    return undefined;
  }
}

/** Whether a listener bound to an address may have got a connection to another one. */
function couldBeFor(to: Address, bound: Address): boolean {
  return bound.bytes.every((byte) => byte === 0) || to.bytes.join() === bound.bytes.join();
}

/** Reads `/proc/net/tcp` or `tcp6`. @see proc_net_tcp.rst in the kernel's documentation */
export function parseTable(text: string): Connection[] {
  const rows = text.split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, local, remote, state = '', , , , , , inode] = row.trim().split(/\s+/);
    if (local === undefined || remote === undefined || inode === undefined) return [];
    return { from: parseEnd(remote), to: parseEnd(local), state, inode };
  });
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
