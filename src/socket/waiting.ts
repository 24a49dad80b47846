import { type CoreOps, check, describeErrno, type TcpEnd, type TcpSocket } from '../kernel/index.js';
import type { Endpoint } from '../net/index.js';
import type { InternetListener } from '../plan/index.js';
import { acceptQueue } from './accept-queue.js';

/** Both ends of a connection. */
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** How often to look while connections come and go. */
const MAX_LOOKS = 8;

/**
 * Lists the connections that wait on a TCP listener, or says why the list cannot be proved to be exact.
 *
 * The kernel lists connections, not accept queues, and a connection that its peer has reset is still queued, with its
 * data, but no longer listed. The proof:
 *
 * 1. Each listed connection that belongs to no file waits in the queue of a listener. It is this listener's, if no other
 *    one can have its address, port and device: the kernel sees to that unless SO_REUSEPORT is set.
 * 2. Two looks list the same connections. A cookie is used once, so these waited all the time in between.
 * 3. In between, the queue was as long as the list. So nothing else was queued.
 *
 * @returns the connections, or the reason
 * @throws AlfError ALF_SOCKET
 * @see docs/adr/008-exact-backlogs.md
 */
export function listWaiting(
  core: CoreOps,
  plan: InternetListener,
  fd: number,
): readonly Connection[] | string {
  const { SO_REUSEPORT } = core.constants;
  if (readOption(core, plan, fd, SO_REUSEPORT) !== 0n)
    return 'SO_REUSEPORT lets other sockets have its address';
  let before = look(core, plan, fd);
  for (let looks = 1; looks < MAX_LOOKS; looks++) {
    const { waiting } = acceptQueue(core, plan, fd);
    const after = look(core, plan, fd);
    if (typeof before === 'string') return before;
    if (typeof after === 'string') return after;
    if (waiting === before.size && isSame(before, after)) return [...before.values()];
    before = after;
  }
  return 'the kernel does not list all of them';
}

/** The connections that can only be the listener's, by cookie. */
function look(core: CoreOps, plan: InternetListener, fd: number): Map<bigint, Connection> | string {
  const { AF_INET, AF_INET6, TCP_LISTEN, SO_COOKIE } = core.constants;
  const { address, port } = plan.socket;
  const listed = core.tcpSockets(address.family === 4 ? AF_INET : AF_INET6, port);
  if (typeof listed === 'number') return `the kernel does not list them (${describeErrno(-listed).name})`;
  const cookie = readOption(core, plan, fd, SO_COOKIE);
  const listener = listed.find((socket) => socket.state === TCP_LISTEN && socket.cookie === cookie);
  if (listener === undefined) return 'the socket is in another network namespace';
  const waiting = listed.filter((socket) => socket.state !== TCP_LISTEN && isOf(listener, socket));
  return new Map(waiting.map((socket) => [socket.cookie, ends(socket)]));
}

/**
 * Whether a connection can only have come by a listener.
 *
 * A link-local one is bound to the interface it came in on, and could be of a listener that is bound to that interface or
 * to the VRF it is in. A transparent one may have been meant for any address, and be any listener's.
 */
function isOf(listener: TcpSocket, { local, peer, device, transparent }: TcpSocket): boolean {
  const { bytes } = listener.local;
  const isWildcard = bytes.every((byte) => byte === 0);
  return (
    device === listener.device &&
    !transparent &&
    !isLinkLocal(peer) &&
    (isWildcard || bytes.every((byte, index) => byte === local.bytes[index]))
  );
}

/** fe80::/10. */
function isLinkLocal({ bytes }: TcpEnd): boolean {
  return bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

function ends({ local, peer }: TcpSocket): Connection {
  return { from: endpoint(peer), to: endpoint(local) };
}

function endpoint({ bytes, port }: TcpEnd): Endpoint {
  return { address: { family: bytes.length === 4 ? 4 : 6, bytes: [...bytes], zone: '' }, port };
}

function isSame(one: Map<bigint, Connection>, other: Map<bigint, Connection>): boolean {
  return one.size === other.size && [...one.keys()].every((cookie) => other.has(cookie));
}

/** An option of SOL_SOCKET of 4 or 8 bytes. */
function readOption(core: CoreOps, { label }: InternetListener, fd: number, name: number): bigint {
  const into = new Uint8Array(8);
  const { SOL_SOCKET } = core.constants;
  const size = check(core.getsockopt(fd, SOL_SOCKET, name, into), 'ALF_SOCKET', `examine ${label}`);
  return size === 8
    ? (new BigUint64Array(into.buffer)[0] ?? 0n)
    : BigInt(new Uint32Array(into.buffer)[0] ?? 0);
}
