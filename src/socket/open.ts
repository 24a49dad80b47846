import { type CoreOps, check, type OwnedFd, type Status } from '../kernel/index.js';
import { decodeSockaddr, type Endpoint } from '../net/index.js';
import { type InternetListener, isUnixListener, type PlannedListener } from '../plan/index.js';
import { bindFile } from './bind-file.js';
import { bindSocket, createSocket, lockFilter, startListening } from './steps.js';

/** Room for any sockaddr getsockname(2) may answer with. */
const SOCKADDR_MAX = 128;

/** A listener and whatever goes with it. The descriptor is the caller's. */
export interface OpenedListener {
  readonly listener: OwnedFd;
  /** Closes it and takes back what it left outside of this process. */
  close(): void;
}

/** Puts a filter on a socket, by its descriptor. @throws AlfError ALF_SOCKET */
export type Attach = (fd: number) => void;

/**
 * How an eBPF filter is put on a listener.
 *
 * @param programFd the loaded filter; stays the caller's
 */
export function attachEbpf(core: CoreOps, { label }: PlannedListener, programFd: number): Attach {
  const { SOL_SOCKET, SO_ATTACH_BPF } = core.constants;
  return (fd) => attached(core.setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, programFd), label);
}

/**
 * How a classic filter is put on a listener. What is accepted on it inherits filter and lock.
 *
 * @param program array of `struct sock_filter`, at most 4096; returns 0 to drop and 0xffffffff to keep a packet
 */
export function attachClassic(core: CoreOps, { label }: PlannedListener, program: Uint8Array): Attach {
  return (fd) => attached(core.attachClassic(fd, core.constants.SO_ATTACH_FILTER, program), label);
}

function attached(status: Status, label: string): void {
  check(status, 'ALF_SOCKET', `attach the filter to ${label}`, {
    ENOMEM: 'the filter is larger than sysctl net.core.optmem_max allows',
    EPERM: 'a classic filter on TCP needs CAP_NET_ADMIN on this kernel; try --tier steer',
  });
}

/**
 * Opens a listener with its filter in force from the first moment it can receive anything:
 * socket → options → filter → lock → bind → listen.
 *
 * @param attach undefined if it needs no filter
 * @throws AlfError ALF_SOCKET; nothing is left open then
 */
export function openListener(
  core: CoreOps,
  plan: PlannedListener,
  attach: Attach | undefined,
): OpenedListener {
  const listener = createSocket(core, plan);
  let unbind = () => {};
  const close = () => {
    listener.close();
    unbind();
  };
  try {
    attach?.(listener.fd);
    if (plan.lock) lockFilter(core, plan, listener.fd);
    if (isUnixListener(plan)) unbind = bindFile(core, plan, listener.fd);
    else bindSocket(core, plan, listener.fd);
    startListening(core, plan, listener.fd);
    return { listener, close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Asks a bound socket for its address.
 *
 * @throws AlfError ALF_SOCKET
 */
export function boundEndpoint(core: CoreOps, plan: InternetListener, fd: number): Endpoint {
  const sockaddr = new Uint8Array(SOCKADDR_MAX);
  const size = check(core.getsockname(fd, sockaddr), 'ALF_SOCKET', `ask for the address of ${plan.label}`);
  return decodeSockaddr(sockaddr.subarray(0, size), core.constants) ?? plan.socket;
}
