import { type CoreOps, check, OwnedFd } from '../kernel/index.js';
import { type Endpoint, encodeSockaddr, isUnix, type ListenSpec } from '../net/index.js';
import type { InternetListener, PlannedListener, PlannedOption } from '../plan/index.js';

/**
 * Creates the socket of a listener and sets the options of its plan.
 *
 * @param what names it in messages: `tcp [::]:80`
 * @param options those of the plan that it is to have
 * @returns a socket without an address, owned by the caller
 * @throws AlfError ALF_SOCKET; nothing is left open then
 */
export function createSocket(
  core: CoreOps,
  plan: PlannedListener,
  what = plan.label,
  options: readonly PlannedOption[] = plan.options,
): OwnedFd {
  const { SOCK_STREAM: stream, SOCK_DGRAM: datagram, SOCK_SEQPACKET: seqpacket } = core.constants;
  const type = { stream, datagram, seqpacket }[plan.socket.type];
  const fd = check(
    core.socket(familyOf(core, plan.socket), type, 0),
    'ALF_SOCKET',
    `create a socket for ${what}`,
    {
      EAFNOSUPPORT:
        'the kernel has no such addresses: listen on IPv4 (0.0.0.0) in place of IPv6, or the other way',
      EMFILE: 'the limit on open files is reached; see: ulimit -n',
    },
  );
  const socket = new OwnedFd(core, fd, what);
  try {
    for (const option of options) setOption(core, option, fd, what);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function setOption(core: CoreOps, { level, name, value }: PlannedOption, fd: number, what: string): void {
  const { constants } = core;
  const status =
    typeof value === 'number'
      ? core.setsockopt(fd, constants[level], constants[name], value)
      : core.setsockoptText(fd, constants[level], constants[name], value);
  check(status, 'ALF_SOCKET', `set ${name} on ${what}`, {
    EPERM: 'it needs CAP_NET_ADMIN',
    ENODEV: 'there is no such interface; see: ip link show',
    ENOENT: 'see: sysctl net.ipv4.tcp_available_congestion_control',
  });
}

function familyOf(core: CoreOps, socket: ListenSpec): number {
  const { AF_INET, AF_INET6, AF_UNIX } = core.constants;
  if (isUnix(socket)) return AF_UNIX;
  return socket.address.family === 4 ? AF_INET : AF_INET6;
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
  plan: InternetListener,
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
 * Lets a bound socket take connections; leaves one that has none as it is.
 *
 * @param backlog how many connections may wait to be accepted
 * @throws AlfError ALF_SOCKET
 */
export function startListening(
  core: CoreOps,
  plan: PlannedListener,
  fd: number,
  backlog = plan.backlog ?? core.constants.SOMAXCONN,
): void {
  if (plan.socket.type === 'datagram') return;
  check(core.listen(fd, backlog), 'ALF_SOCKET', `listen on ${plan.label}`, {
    EADDRINUSE: 'another socket listens on this port; see: ss -lntp',
  });
}
