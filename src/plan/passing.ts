import { AlfError } from '../errors/index.js';
import type { PlannedListener } from './plan.js';

/**
 * How the program gets its sockets, where it does not get those that listen at fd 3, 4, …
 *
 * @see systemd-socket-activate(1)
 */
export type Passing =
  /** Its standard input and output are the one socket that listens. */
  | { readonly pass: 'listener' }
  | {
      /** It is run once for each connection, which is fd 3, or standard input and output. */
      readonly pass: 'connection' | 'connection-stdio';
      /** How many connections are served at a time. */
      readonly maxConnections: number;
      /** How many of them from one IPv4 address, one /64 of IPv6, or one user of a UNIX socket; 0 is any number. */
      readonly maxPerSource: number;
      /** Refused connections are not told of. */
      readonly quiet: boolean;
    };

/**
 * Checks that the sockets can be passed on so, those that were passed in included.
 *
 * @throws AlfError ALF_USAGE
 */
export function planPassing(
  passing: Passing | undefined,
  listeners: readonly Pick<PlannedListener, 'label' | 'socket'>[],
): Passing | undefined {
  if (passing === undefined) return undefined;
  if (passing.pass === 'listener' && listeners.length !== 1) {
    throw new AlfError('ALF_USAGE', `${listeners.length} listeners cannot all be standard input`, {
      hint: 'with --accept each connection is; otherwise --inetd takes one listener',
    });
  }
  const datagram = listeners.find(({ socket }) => socket.type === 'datagram');
  if (passing.pass !== 'listener' && datagram !== undefined) {
    throw new AlfError('ALF_USAGE', `${datagram.label} has no connections to accept`, {
      hint: 'for datagrams leave --accept out; with --inetd the program gets the socket itself',
    });
  }
  return { ...passing };
}
