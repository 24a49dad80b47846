import { AlfError } from '../errors/index.js';
import type { SocketHandoff } from './config.js';
import type { PlannedListener } from './plan.js';

/**
 * Checks that the sockets can be passed on so, those that were passed in included.
 *
 * @throws AlfError ALF_USAGE
 */
export function planSocketHandoff(
  passing: SocketHandoff | undefined,
  listeners: readonly Pick<PlannedListener, 'label' | 'socket'>[],
): SocketHandoff | undefined {
  if (passing === undefined) return undefined;
  if (listeners.length === 0) {
    throw new AlfError('ALF_USAGE', 'there is no listener whose connections the program could get', {
      remedy: { kind: 'give listener' },
    });
  }
  if (passing.pass === 'listener' && listeners.length !== 1) {
    throw new AlfError('ALF_USAGE', `${listeners.length} listeners cannot all be standard input`, {
      remedy: { kind: 'accept connections' },
    });
  }
  const datagram = listeners.find(({ socket }) => socket.type === 'datagram');
  if (passing.pass !== 'listener' && datagram !== undefined) {
    throw new AlfError('ALF_USAGE', `${datagram.label} has no connections to accept`, {
      remedy: { kind: 'pass datagrams' },
    });
  }
  return { ...passing };
}
