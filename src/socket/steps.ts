import { type CoreOps, check, OwnedFd } from '../native/index.js';
import { type Endpoint, encodeSockaddr } from '../net/index.js';
import type { PlannedListener } from '../plan/index.js';

/**
 * Creates the socket of a listener and sets the options of its plan.
 *
 * @param what names it in messages, `listener tcp [::]:80`
 * @returns a socket without an address, owned by the caller
 * @throws AlfError ALF_SOCKET; nothing is left open then
 */
export function createSocket(core: CoreOps, plan: PlannedListener, what = plan.label): OwnedFd {
  const { AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM } = core.constants;
  const family = plan.socket.address.family === 4 ? AF_INET : AF_INET6;
  const type = plan.socket.type === 'stream' ? SOCK_STREAM : SOCK_DGRAM;
  const fd = check(core.socket(family, type, 0), 'ALF_SOCKET', `create a socket for ${what}`, {
    EAFNOSUPPORT: 'this machine has no IPv6; try --address 0.0.0.0',
    EMFILE: 'the limit on open files is reached; see: ulimit -n',
  });
  const socket = new OwnedFd(core, fd, what);
  try {
    for (const { level, name, value } of plan.options) {
      const { constants } = core;
      const status = core.setsockopt(fd, constants[level], constants[name], value);
      check(status, 'ALF_SOCKET', `set ${name} on ${what}`);
    }
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Forbids to take the filter off or to change it, for good. @throws AlfError ALF_SOCKET */
export function lockFilter(core: CoreOps, plan: PlannedListener, fd: number): void {
  const { SOL_SOCKET, SO_LOCK_FILTER } = core.constants;
  const status = core.setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, 1);
  check(status, 'ALF_SOCKET', `lock the filter of ${plan.label}`);
}

/**
 * Gives a socket the address of its plan.
 *
 * @param endpoint where the plan's port was 0 and another socket has picked one
 * @throws AlfError ALF_SOCKET
 */
export function bindSocket(
  core: CoreOps,
  plan: PlannedListener,
  fd: number,
  endpoint: Endpoint = plan.socket,
): void {
  const sockaddr = encodeSockaddr(endpoint, plan.scopeId, core.constants);
  check(core.bind(fd, sockaddr), 'ALF_SOCKET', `bind ${plan.label}`, {
    EADDRINUSE: 'another socket has this port; see: ss -lnp',
    EADDRNOTAVAIL: 'no interface of this machine has this address; see: ip address',
    EACCES:
      'ports below 1024 need CAP_NET_BIND_SERVICE or a lower sysctl net.ipv4.ip_unprivileged_port_start',
    EINVAL: 'a link-local address needs its interface: fe80::1%eth0',
  });
}

/**
 * Opens a bound TCP socket to the network; leaves a UDP one as it is.
 *
 * @param backlog how many connections may wait to be accepted
 * @throws AlfError ALF_SOCKET
 */
export function startListening(core: CoreOps, plan: PlannedListener, fd: number, backlog: number): void {
  if (plan.socket.type !== 'stream') return;
  check(core.listen(fd, backlog), 'ALF_SOCKET', `listen on ${plan.label}`, {
    EADDRINUSE: 'another socket listens on this port; see: ss -lntp',
  });
}
