import { lstatSync } from 'node:fs';
import { AlfError, quote } from '../errors/index.js';
import { type CoreOps, check, OwnedFd, type Status } from '../kernel/index.js';
import { encodeUnixSockaddr, isAbstract } from '../net/index.js';
import type { UnixListener } from '../plan/index.js';

/**
 * Gives a UNIX socket its path or abstract name. Its file has the permissions of the plan from the first moment,
 * whatever the umask.
 *
 * A file that a socket has left behind is replaced; one that somebody listens on, or that is none of a socket, is not.
 *
 * @returns what takes the file away again
 * @throws AlfError ALF_SOCKET
 */
export function bindFile(core: CoreOps, plan: UnixListener, fd: number): () => void {
  const { path } = plan.socket;
  const sockaddr = encodeUnixSockaddr(path, core.constants.AF_UNIX);
  const file = isAbstract(path) ? undefined : Buffer.from(path);
  const bind = () => core.bindFile(fd, sockaddr, plan.mode);
  let status = bind();
  if (status === -core.constants.EADDRINUSE && file !== undefined) {
    assertStale(core, plan, sockaddr);
    check(core.unlink(file), 'ALF_SOCKET', `replace the socket ${quote(path)} that nobody listens on`);
    status = bind();
  }
  check(status, 'ALF_SOCKET', `bind ${plan.label}`, {
    EADDRINUSE: 'another socket has this name; see: ss -lxp',
    EACCES: 'the directory must be writable, and those above it searchable',
    ENOENT: 'its directory does not exist',
  });
  return () => {
    if (file !== undefined) core.unlink(file);
  };
}

/** Asks by connecting: the kernel refuses where nobody has the socket any more. It also refuses what is no socket. */
function assertStale(core: CoreOps, plan: UnixListener, sockaddr: Uint8Array): void {
  const { path } = plan.socket;
  const { ECONNREFUSED, EPROTOTYPE } = core.constants;
  const status = tryConnect(core, plan, sockaddr);
  if (status === 0 || status === -EPROTOTYPE) throw inTheWay(plan, 'another socket has it', 'see: ss -lxp');
  if (status !== -ECONNREFUSED) check(status, 'ALF_SOCKET', `find out whether anybody has ${plan.label}`);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) {
    throw inTheWay(plan, 'a file that is no socket is in the way', 'move it, or listen elsewhere');
  }
}

function tryConnect(core: CoreOps, plan: UnixListener, sockaddr: Uint8Array): Status {
  const { AF_UNIX, SOCK_DGRAM, SOCK_NONBLOCK } = core.constants;
  const fd = core.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (fd < 0) return fd;
  const probe = new OwnedFd(core, fd, `the probe of ${plan.label}`);
  // Whatever its type: a datagram socket that meets a live one of another type is told EPROTOTYPE.
  const status = core.connect(probe.fd, sockaddr);
  probe.close();
  return status;
}

function inTheWay(plan: UnixListener, reason: string, hint: string): AlfError {
  return new AlfError('ALF_SOCKET', `unable to bind ${plan.label}: ${reason}`, { errno: 'EADDRINUSE', hint });
}
