import { AlfError } from '../../errors/index.js';
import { decodeSockaddr, decodeUnixPath, type ListenSpec } from '../../net/index.js';
import type { InheritedSocket } from '../../plan/index.js';
import { type CoreOps, describeErrno } from '../index.js';

/** Room for any sockaddr getsockname(2) may answer with. */
const SOCKADDR_MAX = 128;

/** The first descriptor of socket activation. @see sd_listen_fds(3) */
const FIRST_FD = 3;

/**
 * Inspects sockets that were passed in, from descriptor 3 on.
 *
 * @param names of the sockets, in the order of their descriptors
 * @param open the descriptors that this process was started with
 * @throws AlfError ALF_STATE for one that is not open, or is nothing that a filter can be put on
 */
export function inspectInherited(
  core: CoreOps,
  names: readonly string[],
  open: readonly number[],
): InheritedSocket[] {
  return names.map((name, index) => {
    const fd = FIRST_FD + index;
    if (!open.includes(fd)) {
      throw new AlfError('ALF_STATE', `LISTEN_FDS is ${names.length}, but descriptor ${fd} is not open`, {
        hint: 'the caller of alfwrapper must set it as sd_listen_fds(3) describes',
      });
    }
    return { name, spec: describeSocket(core, fd) };
  });
}

function describeSocket(core: CoreOps, fd: number): ListenSpec {
  const { AF_INET, AF_INET6, AF_UNIX, IPPROTO_TCP, IPPROTO_UDP } = core.constants;
  const { SO_DOMAIN, SO_TYPE, SO_PROTOCOL, SO_ACCEPTCONN } = core.constants;
  const domain = ask(core, fd, SO_DOMAIN);
  const type = typeOf(core, ask(core, fd, SO_TYPE));
  const isNetwork = domain === AF_INET || domain === AF_INET6;
  const protocol = type === 'stream' ? IPPROTO_TCP : IPPROTO_UDP;
  if (type === undefined || !(isNetwork || domain === AF_UNIX))
    throw unfit(fd, 'is not a TCP, UDP or UNIX socket');
  if (isNetwork && (type === 'seqpacket' || ask(core, fd, SO_PROTOCOL) !== protocol)) {
    throw unfit(fd, 'is neither TCP nor UDP');
  }
  if (type !== 'datagram' && ask(core, fd, SO_ACCEPTCONN) === 0) throw notListening(fd);
  const sockaddr = new Uint8Array(SOCKADDR_MAX);
  const size = core.getsockname(fd, sockaddr);
  if (size < 0) throw unfit(fd, `does not tell its address (${describeErrno(-size).name})`);
  const bound = sockaddr.subarray(0, size);
  if (!isNetwork) return { type, path: decodeUnixPath(bound) };
  const endpoint = decodeSockaddr(bound, core.constants);
  if (endpoint === undefined || endpoint.port === 0 || type === 'seqpacket') throw unfit(fd, 'is not bound');
  return { type, ...endpoint };
}

function typeOf(core: CoreOps, type: number): ListenSpec['type'] | undefined {
  const { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET } = core.constants;
  if (type === SOCK_STREAM) return 'stream';
  if (type === SOCK_DGRAM) return 'datagram';
  return type === SOCK_SEQPACKET ? 'seqpacket' : undefined;
}

/** Asks for an int. */
function ask(core: CoreOps, fd: number, name: number): number {
  const into = new Uint8Array(4);
  const status = core.getsockopt(fd, core.constants.SOL_SOCKET, name, into);
  if (status < 0) throw unfit(fd, `is not a socket (${describeErrno(-status).name})`);
  return new Int32Array(into.buffer)[0] ?? 0;
}

function unfit(fd: number, what: string): AlfError {
  return new AlfError('ALF_STATE', `descriptor ${fd}, passed in by socket activation, ${what}`, {
    hint: 'no filter can be put on it; leave it out of the .socket unit',
  });
}

function notListening(fd: number): AlfError {
  return new AlfError('ALF_STATE', `descriptor ${fd}, passed in by socket activation, does not listen`, {
    hint: 'a connection was accepted before any filter could see it: set Accept=no in the .socket unit',
  });
}
