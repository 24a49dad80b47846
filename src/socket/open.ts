import { type CoreOps, check, OwnedFd } from '../native/index.js';
import { decodeSockaddr, type Endpoint, encodeSockaddr } from '../net/index.js';
import type { PlannedListener } from '../plan/index.js';

/** Room for any sockaddr getsockname(2) may answer with. */
const SOCKADDR_MAX = 128;

/**
 * Opens a listener with its filter in force from the first moment it can receive anything:
 * socket → options → filter → lock → bind → listen.
 *
 * @param programFd the loaded filter; stays the caller's
 * @returns the listening (TCP) or bound (UDP) socket, owned by the caller
 * @throws AlfError ALF_SOCKET; nothing is left open then
 */
export function openListener(core: CoreOps, plan: PlannedListener, programFd: number): OwnedFd {
  const listener = createSocket(core, plan);
  try {
    setOptions(core, plan, listener.fd);
    attachFilter(core, plan, listener.fd, programFd);
    bindSocket(core, plan, listener.fd);
    if (plan.socket.type === 'stream') {
      check(core.listen(listener.fd, core.constants.SOMAXCONN), 'ALF_SOCKET', `listen on ${plan.label}`, {
        EADDRINUSE: 'another socket listens on this port; see: ss -lntp',
      });
    }
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

/**
 * Asks a bound socket for its address.
 *
 * @throws AlfError ALF_SOCKET
 */
export function boundEndpoint(core: CoreOps, plan: PlannedListener, fd: number): Endpoint {
  const sockaddr = new Uint8Array(SOCKADDR_MAX);
  const size = check(core.getsockname(fd, sockaddr), 'ALF_SOCKET', `ask for the address of ${plan.label}`);
  return decodeSockaddr(sockaddr.subarray(0, size), core.constants) ?? plan.socket;
}

function createSocket(core: CoreOps, plan: PlannedListener): OwnedFd {
  const { AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM } = core.constants;
  const family = plan.socket.address.family === 4 ? AF_INET : AF_INET6;
  const type = plan.socket.type === 'stream' ? SOCK_STREAM : SOCK_DGRAM;
  const fd = check(core.socket(family, type, 0), 'ALF_SOCKET', `create a socket for ${plan.label}`, {
    EAFNOSUPPORT: 'this machine has no IPv6; try --address 0.0.0.0',
    EMFILE: 'the limit on open files is reached; see: ulimit -n',
  });
  return new OwnedFd(core, fd, plan.label);
}

function setOptions(core: CoreOps, plan: PlannedListener, fd: number): void {
  const { constants } = core;
  for (const { level, name, value } of plan.options) {
    const status = core.setsockopt(fd, constants[level], constants[name], value);
    check(status, 'ALF_SOCKET', `set ${name} on ${plan.label}`);
  }
}

function attachFilter(core: CoreOps, plan: PlannedListener, fd: number, programFd: number): void {
  const { SOL_SOCKET, SO_ATTACH_BPF, SO_LOCK_FILTER } = core.constants;
  const attached = core.setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, programFd);
  check(attached, 'ALF_SOCKET', `attach the filter to ${plan.label}`, {
    ENOMEM: 'the filter is larger than sysctl net.core.optmem_max allows',
  });
  if (!plan.lock) return;
  check(core.setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, 1), 'ALF_SOCKET', `lock the filter of ${plan.label}`);
}

function bindSocket(core: CoreOps, plan: PlannedListener, fd: number): void {
  const sockaddr = encodeSockaddr(plan.socket, plan.scopeId, core.constants);
  check(core.bind(fd, sockaddr), 'ALF_SOCKET', `bind ${plan.label}`, {
    EADDRINUSE: 'another socket has this port; see: ss -lnp',
    EADDRNOTAVAIL: 'no interface of this machine has this address; see: ip address',
    EACCES:
      'ports below 1024 need CAP_NET_BIND_SERVICE or a lower sysctl net.ipv4.ip_unprivileged_port_start',
    EINVAL: 'a link-local address needs its interface: fe80::1%eth0',
  });
}
