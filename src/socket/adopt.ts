import { AlfError } from '../errors/index.js';
import { type CoreOps, check, OwnedFd } from '../kernel/index.js';
import type { PlannedListener } from '../plan/index.js';
import type { Attach, OpenedListener } from './open.js';

/** A listener that was passed in. Its filter is put on later than those of our own listeners. */
export interface AdoptedListener extends OpenedListener {
  readonly plan: PlannedListener;
  /**
   * Puts the filter on; without effect if it needs none.
   *
   * @returns how to take the filter off again: the socket is not ours alone, and a failed start leaves it as it was
   * @throws AlfError ALF_SOCKET
   */
  attach(): { close(): void };
}

/**
 * Takes over a listener that was passed in. Changes nothing yet.
 *
 * @param attach undefined if it needs no filter
 * @throws AlfError ALF_SOCKET if it has a filter already
 */
export function adoptListener(
  core: CoreOps,
  plan: PlannedListener,
  attach: Attach | undefined,
): AdoptedListener {
  const listener = new OwnedFd(core, plan.fd, plan.label);
  const close = () => listener.close();
  try {
    if (attach !== undefined) assertUnfiltered(core, plan, listener.fd);
  } catch (error) {
    close();
    throw error;
  }
  return {
    plan,
    listener,
    attach: () => {
      attach?.(listener.fd);
      return { close: () => attach && detachFilter(core, listener.fd) };
    },
    close,
  };
}

/** Replacing a filter would let packets through that the owner of the socket denies. */
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

/** Without a check: it follows an error, which is the one to report. */
function detachFilter(core: CoreOps, fd: number): void {
  core.setsockopt(fd, core.constants.SOL_SOCKET, core.constants.SO_DETACH_FILTER, 0);
}
