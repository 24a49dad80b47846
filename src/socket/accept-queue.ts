import { type CoreOps, check } from '../kernel/index.js';

/** Room for `struct tcp_info` as far as we look. */
const TCP_INFO_MAX = 256;

/**
 * Asks a TCP listener for its accept queue.
 *
 * @returns how many connections wait in it, and with how many it still takes one more
 * @throws AlfError ALF_SOCKET
 */
export function acceptQueue(
  core: CoreOps,
  { label }: { readonly label: string },
  fd: number,
): { readonly waiting: number; readonly most: number } {
  const { IPPROTO_TCP, TCP_INFO, ACCEPT_QUEUE_LENGTH, ACCEPT_QUEUE_MAXIMUM } = core.constants;
  const info = new Uint8Array(TCP_INFO_MAX);
  check(core.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info), 'ALF_SOCKET', `look at the queue of ${label}`);
  // Typed arrays are in host order, as the kernel's answer is.
  const words = new Uint32Array(info.buffer);
  return { waiting: words[ACCEPT_QUEUE_LENGTH / 4] ?? 0, most: words[ACCEPT_QUEUE_MAXIMUM / 4] ?? 0 };
}
