import { describeErrno, type LaunchRemoved } from '../kernel/index.js';
import type { Plan } from '../plan/index.js';

/** Why the runtime removed what waited, by its numbers. @see enum alf_reason, native/runtime/alf_runtime.h */
const REASONS = [
  '',
  'their senders are unknown',
  'their verdict is known to the filter only',
  'the rules do not allow all of them',
  'SO_REUSEPORT lets other sockets have its address',
  'the kernel does not list them',
  'the socket is in another network namespace',
  'the kernel does not list all of them',
];
const NOT_LISTED = 5;

/** One line about what was removed from the queue of a listener. */
export function describeRemoved({ listeners }: Plan, removed: LaunchRemoved): string {
  const { listener, count, reason, errno } = removed;
  const planned = listeners[listener];
  const [done, what] =
    planned?.socket.type === 'datagram' ? ['discarded', 'datagram'] : ['reset', 'connection'];
  const error = reason === NOT_LISTED ? ` (${describeErrno(errno).name})` : '';
  return `${planned?.label}: ${done} ${count} ${what}${count === 1 ? '' : 's'} that arrived before the filter: ${REASONS[reason]}${error}`;
}
