import { type CoreOps, OwnedFd } from '../kernel/index.js';
import { type Address, type Endpoint, encodeSockaddr, parseAddress } from '../net/index.js';
import type { InternetListener } from '../plan/index.js';
import { acceptQueue } from './accept-queue.js';
import type { Shield } from './shield.js';

/** A connection to ourselves takes microseconds, or a packet filter swallows it. */
const POLL_TIMEOUT_MS = 300;

/**
 * Fills the accept queue of a sink that was opened with backlog 0: it has room for one connection, which is ours. From
 * then on the kernel drops every SYN that is steered to it.
 *
 * The queue stays full for as long as nobody accepts, even if the connection is reset.
 *
 * @param bound the address of the sink, with its port
 * @param shield what stands before it
 * @returns our end of the connection, owned by the caller; undefined if it cannot be made (loopback is down, a packet
 *   filter is in the way): then the sink needs somebody who accepts and resets
 * @throws AlfError ALF_SOCKET
 */
export function saturate(
  core: CoreOps,
  plan: InternetListener,
  sink: number,
  bound: Endpoint,
  shield: Shield,
): OwnedFd | undefined {
  for (const address of selfAddresses(bound.address)) {
    const peer = connectTo(core, plan, { address, port: bound.port }, shield);
    if (peer === undefined) continue;
    try {
      core.poll(sink, core.constants.POLLIN, POLL_TIMEOUT_MS);
      if (isFull(core, plan, sink)) return peer;
    } catch (error) {
      peer.close();
      throw error;
    }
    peer.close();
  }
  return undefined;
}

/** Whether a listener takes no further connection. */
function isFull(core: CoreOps, plan: InternetListener, sink: number): boolean {
  const { waiting, most } = acceptQueue(core, plan, sink);
  return waiting > most;
}

/** Where a socket bound to an address can be reached from this machine: loopback if it is the unspecified one. */
function selfAddresses(bound: Address): Address[] {
  if (bound.bytes.some((byte) => byte !== 0)) return [bound];
  const loopback4 = parseAddress('127.0.0.1');
  return bound.family === 4 ? [loopback4] : [parseAddress('::1'), loopback4];
}

/** Starts to connect. undefined if this machine does not even try. */
function connectTo(core: CoreOps, plan: InternetListener, to: Endpoint, shield: Shield): OwnedFd | undefined {
  const { AF_INET, AF_INET6, SOCK_STREAM, SOCK_NONBLOCK, EINPROGRESS } = core.constants;
  const family = to.address.family === 4 ? AF_INET : AF_INET6;
  const fd = core.socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) return undefined;
  const peer = new OwnedFd(core, fd, `the sink's own connection for ${plan.label}`);
  const passed = shield.pass(fd, to);
  const status = passed < 0 ? passed : core.connect(fd, encodeSockaddr(to, plan.scopeId, core.constants));
  if (status === 0 || status === -EINPROGRESS) return peer;
  peer.close();
  return undefined;
}
