import { AlfError } from '../errors/index.js';
import { type CoreOps, check, type OwnedFd } from '../kernel/index.js';
import type { Endpoint } from '../net/index.js';
import type { InternetListener } from '../plan/index.js';
import { boundEndpoint, type OpenedListener } from './open.js';
import { saturate } from './saturate.js';
import { Shield } from './shield.js';
import { bindSocket, createSocket, lockFilter, startListening } from './steps.js';

/** The least queue there is: room for one connection. */
const SMALLEST_BACKLOG = 0;

/** A listener behind steering, and what must stay open with it. All descriptors are the caller's. */
export interface SteeredListener extends OpenedListener {
  readonly sink: OwnedFd;
  /** Our end of the connection that fills the sink's queue; undefined if somebody has to accept and reset. */
  readonly peer: OwnedFd | undefined;
}

/**
 * Opens a TCP listener to which the kernel hands only the connections a classic program selects. Needs no privilege.
 *
 * The listener shares its address with a sink, whose accept queue is full; a reuseport program picks one of the two
 * for every packet that opens a connection, and established connections never meet it. The order leaves no gap:
 *
 * 1. sink: bind and listen without SO_REUSEPORT, which fails if anybody else has the address, a reuseport group
 *    included, and behind a shield;
 * 2. saturate the sink;
 * 3. make a group of it, attach the program, lock it;
 * 4. listener: join, bind and listen.
 *
 * Should the sink be closed while the listener is not, the kernel would hand everything to the listener: see the companion.
 *
 * @param program array of `struct sock_filter`, at most 4096; returns 0 for the sink or 1 for the listener (plan/classic.ts)
 * @throws AlfError ALF_SOCKET; nothing is left open then
 *
 * Since Linux 4.6 (SO_ATTACH_REUSEPORT_CBPF on TCP). @see socket(7), net/core/sock_reuseport.c
 */
export function openSteeredListener(
  core: CoreOps,
  plan: InternetListener,
  program: Uint8Array,
): SteeredListener {
  const opened: OwnedFd[] = [];
  const own = (socket: OwnedFd): OwnedFd => {
    opened.push(socket);
    return socket;
  };
  const close = () => {
    for (const socket of opened.reverse()) socket.close();
  };
  try {
    const shield = new Shield(core, plan);
    const sink = own(openSink(core, plan, shield));
    const bound = boundEndpoint(core, plan, sink.fd);
    const peer = saturate(core, plan, sink.fd, bound, shield);
    if (peer !== undefined) {
      own(peer);
      shield.dropSignatures(sink.fd);
    }
    steer(core, plan, sink.fd, bound, shield, program);
    const listener = own(createSocket(core, plan));
    share(core, plan, listener.fd);
    if (plan.lock) lockFilter(core, plan, listener.fd);
    bindSocket(core, plan, listener.fd, bound);
    startListening(core, plan, listener.fd);
    return { listener, sink, peer, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A socket that has the listener's address and serves nobody. */
function createHolder(core: CoreOps, plan: InternetListener, what: string): OwnedFd {
  return createSocket(
    core,
    plan,
    what,
    plan.options.filter(({ traffic }) => traffic !== true),
  );
}

/**
 * Delays before another attempt, in ms. After an immediate restart the previous companion may still hold the port: for about
 * 100 ms, longer on a busy machine.
 */
const RETRY_DELAYS_MS = [5, 10, 20, 40, 80, 160, 320];

/** Opens the sink, once nobody has its address any more. */
function openSink(core: CoreOps, plan: InternetListener, shield: Shield): OwnedFd {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return openSinkOnce(core, plan, shield);
    } catch (error) {
      if (!(error instanceof AlfError) || error.errno !== 'EADDRINUSE') throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  }
  return openSinkOnce(core, plan, shield);
}

function openSinkOnce(core: CoreOps, plan: InternetListener, shield: Shield): OwnedFd {
  const sink = createHolder(core, plan, `the sink of ${plan.label}`);
  try {
    shield.raise(sink.fd);
    bindSocket(core, plan, sink.fd);
    startListening(core, plan, sink.fd, SMALLEST_BACKLOG);
    return sink;
  } catch (error) {
    sink.close();
    throw error;
  }
}

/**
 * Makes a group of the sink alone, with the program in it.
 *
 * A socket that listens already becomes part of a group only when a second one joins, and a program can only be given
 * to a group. So one joins, as well shielded as the sink, and goes again.
 */
function steer(
  core: CoreOps,
  plan: InternetListener,
  sink: number,
  bound: Endpoint,
  shield: Shield,
  program: Uint8Array,
): void {
  share(core, plan, sink);
  const second = createHolder(core, plan, `the second socket of ${plan.label}`);
  try {
    share(core, plan, second.fd);
    shield.raise(second.fd);
    bindSocket(core, plan, second.fd, bound);
    startListening(core, plan, second.fd, SMALLEST_BACKLOG);
    const status = core.attachClassic(sink, core.constants.SO_ATTACH_REUSEPORT_CBPF, program);
    check(status, 'ALF_SOCKET', `attach the filter to ${plan.label}`, {
      ENOMEM: 'the filter is larger than sysctl net.core.optmem_max allows',
    });
    if (plan.lock) lockFilter(core, plan, sink);
  } finally {
    second.close();
  }
}

function share(core: CoreOps, plan: InternetListener, fd: number): void {
  const { SOL_SOCKET, SO_REUSEPORT } = core.constants;
  check(core.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1), 'ALF_SOCKET', `set SO_REUSEPORT on ${plan.label}`);
}
