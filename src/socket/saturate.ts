import { type CoreOps, check, OwnedFd } from '../native/index.js';
import { type Address, type Endpoint, encodeSockaddr, parseAddress } from '../net/index.js';
import type { PlannedListener } from '../plan/index.js';

/** A connection to ourselves takes microseconds, or a packet filter swallows it. */
const PATIENCE_MS = 300;

/** The highest hop limit there is: a packet that has it comes from this machine or from the link. */
const MOST_HOPS = 255;

/** Room for `struct tcp_info` as far as we look. */
const TCP_INFO_MAX = 256;

/**
 * Lets only packets with the highest hop limit through to a socket; all others are dropped silently and counted.
 *
 * Nobody sends such packets who does not mean to, but our own connection does. Between listen(2) and the moment the
 * queue is full it keeps everybody else out.
 *
 * @throws AlfError ALF_SOCKET
 * @see ip(7) IP_MINTTL, RFC 5082
 */
export function shield(core: CoreOps, plan: PlannedListener, fd: number): void {
  const { IPPROTO_IP, IP_MINTTL, IPPROTO_IPV6, IPV6_MINHOPCOUNT } = core.constants;
  const what = `shield the sink of ${plan.label}`;
  // A dual-stack socket receives both kinds of packets.
  check(core.setsockopt(fd, IPPROTO_IP, IP_MINTTL, MOST_HOPS), 'ALF_SOCKET', what);
  if (plan.socket.address.family === 6) {
    check(core.setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, MOST_HOPS), 'ALF_SOCKET', what);
  }
}

/**
 * Fills the accept queue of a sink that was opened with backlog 0: it has room for one connection, which is ours. From
 * then on the kernel drops every SYN that is steered to it.
 *
 * The queue stays full for as long as nobody accepts, even if the connection is reset.
 *
 * @param bound the address of the sink, with its port
 * @returns our end of the connection, owned by the caller; undefined if it cannot be made (loopback is down, a packet
 *   filter is in the way): then the sink needs somebody who accepts and resets
 * @throws AlfError ALF_SOCKET
 */
export function saturate(
  core: CoreOps,
  plan: PlannedListener,
  sink: number,
  bound: Endpoint,
): OwnedFd | undefined {
  for (const address of selfAddresses(bound.address)) {
    const peer = connectTo(core, plan, { address, port: bound.port });
    if (peer === undefined) continue;
    try {
      core.poll(sink, core.constants.POLLIN, PATIENCE_MS);
      if (isFull(core, plan, sink)) return peer;
    } catch (error) {
      peer.close();
      throw error;
    }
    peer.close();
  }
  return undefined;
}

/**
 * Whether a listener takes no further connection.
 *
 * @throws AlfError ALF_SOCKET
 */
export function isFull(core: CoreOps, plan: PlannedListener, sink: number): boolean {
  const { IPPROTO_TCP, TCP_INFO, ACCEPT_QUEUE_LENGTH, ACCEPT_QUEUE_MAXIMUM } = core.constants;
  const info = new Uint8Array(TCP_INFO_MAX);
  check(
    core.getsockopt(sink, IPPROTO_TCP, TCP_INFO, info),
    'ALF_SOCKET',
    `look at the sink of ${plan.label}`,
  );
  // Typed arrays are in host order, as the kernel's answer is.
  const words = new Uint32Array(info.buffer);
  const [length = 0, maximum = 0] = [words[ACCEPT_QUEUE_LENGTH / 4], words[ACCEPT_QUEUE_MAXIMUM / 4]];
  return length > maximum;
}

/** Where a socket bound to an address can be reached from this machine: loopback if it is the unspecified one. */
function selfAddresses(bound: Address): Address[] {
  if (bound.bytes.some((byte) => byte !== 0)) return [bound];
  const loopback4 = parseAddress('127.0.0.1');
  return bound.family === 4 ? [loopback4] : [parseAddress('::1'), loopback4];
}

/** Starts to connect with a hop limit that passes the shield. undefined if this machine does not even try. */
function connectTo(core: CoreOps, plan: PlannedListener, to: Endpoint): OwnedFd | undefined {
  const { constants } = core;
  const v4 = to.address.family === 4;
  const type = constants.SOCK_STREAM | constants.SOCK_NONBLOCK;
  const fd = core.socket(v4 ? constants.AF_INET : constants.AF_INET6, type, 0);
  if (fd < 0) return undefined;
  const peer = new OwnedFd(core, fd, `the sink's own connection for ${plan.label}`);
  const hops = v4
    ? core.setsockopt(fd, constants.IPPROTO_IP, constants.IP_TTL, MOST_HOPS)
    : core.setsockopt(fd, constants.IPPROTO_IPV6, constants.IPV6_UNICAST_HOPS, MOST_HOPS);
  const status = hops < 0 ? hops : core.connect(fd, encodeSockaddr(to, plan.scopeId, constants));
  if (status === 0 || status === -constants.EINPROGRESS) return peer;
  peer.close();
  return undefined;
}
