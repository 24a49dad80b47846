import { AlfError } from '../errors/index.js';
import { type CoreOps, check, OwnedFd } from '../native/index.js';
import type { PlannedListener } from '../plan/index.js';
import type { Attach } from './open.js';
import { type Admits, settleQueue } from './queue.js';
import { lockFilter } from './steps.js';

/** A listener that was there before us. */
export interface AdoptedListener {
  readonly listener: OwnedFd;
  /** How many connections or datagrams had come before the filter and were turned away. */
  readonly turnedAway: number;
  close(): void;
}

/**
 * Puts a filter on a listener that was passed in, and locks it.
 *
 * What came in before is not let through by the filter, for it never met one: connections are asked about and reset if
 * anybody who is denied is among them, datagrams go.
 *
 * @param attach undefined if it needs no filter
 * @param admits whether the filter lets a connection through; undefined if only the filter itself could say
 * @throws AlfError ALF_SOCKET, also if it has a filter already
 */
export function adoptListener(
  core: CoreOps,
  plan: PlannedListener,
  attach: Attach | undefined,
  admits: Admits | undefined,
): AdoptedListener {
  const listener = new OwnedFd(core, plan.fd, plan.label);
  const close = () => listener.close();
  if (attach === undefined) return { listener, turnedAway: 0, close };
  try {
    assertUnfiltered(core, plan, listener.fd);
    attach(listener.fd);
    if (plan.lock) lockFilter(core, plan, listener.fd);
    return { listener, turnedAway: settleQueue(core, plan, listener.fd, admits), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** To put another one in place of a filter would let through what somebody wanted to keep out. */
function assertUnfiltered(core: CoreOps, plan: PlannedListener, fd: number): void {
  const { SOL_SOCKET, SO_ATTACH_FILTER, EACCES } = core.constants;
  // SO_GET_FILTER has the same number. It tells the length of a classic program, and nothing of an eBPF one.
  const length = core.getsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, new Uint8Array());
  if (length !== -EACCES) check(length, 'ALF_SOCKET', `look for a filter on ${plan.label}`);
  if (length === 0) return;
  throw new AlfError('ALF_SOCKET', `unable to filter ${plan.label}: it was passed in with a filter`, {
    hint: 'an earlier start has, or whoever opened it: PartOf= in the .socket unit has it opened anew with the service',
  });
}
