import { readlinkSync } from 'node:fs';
import { AlfError, quote } from '../errors/index.js';
import { type CoreOps, check } from '../kernel/index.js';
import type { ProcessRecord } from './record.js';

/** The program to become, in bytes, and the state to become it in. */
export interface Target {
  readonly path: Uint8Array;
  readonly argv: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  readonly record: ProcessRecord;
}

/** Listeners that others have as well: a failed start leaves them as they were. */
export interface Adopted {
  readonly fds: readonly number[];
  /** Whether their filters are locked. */
  readonly lock: boolean;
}

/** The first descriptor of socket activation, and the first that is not stdio. */
const FIRST = 3;

/**
 * Checks that the descriptors the listeners are going to have are free: whoever handed us something at one of them
 * would lose it.
 *
 * @param places descriptors that they will have and do not have yet
 * @throws AlfError ALF_STATE
 */
export function checkPlaces(record: ProcessRecord, places: readonly number[]): void {
  const taken = record.descriptors.find((fd) => places.includes(fd));
  if (taken === undefined) return;
  throw new AlfError(
    'ALF_STATE',
    `descriptor ${taken} is needed for a listener but is inherited (${quote(describe(taken))})`,
    {
      hint: `close it for this command: alfwrapper … ${taken}>&-`,
    },
  );
}

/**
 * Becomes the target, with the listeners at fd 3, 4, …
 *

 * Does not come back: what fails behind the point of no return is one line on stderr and the end of the process.
 *
 * @param adopted the filtered ones among the listeners that were passed in
 * @throws AlfError ALF_HANDOVER if the very first step is refused
 */
export function becomeTarget(
  core: CoreOps,
  target: Target,
  listeners: readonly number[],
  adopted: Adopted = { fds: [], lock: false },
): void {
  const { descriptors } = target.record;
  const open = (fd: number) => descriptors.includes(fd);
  const status = core.handover({
    path: target.path,
    argv: target.argv,
    environment: target.environment,
    listeners,
    adopted: adopted.fds,
    lockAdopted: adopted.lock,
    inherited: descriptors.filter((fd) => fd >= FIRST),
    stdioOpen: [open(0), open(1), open(2)],
    ignoredSignals: target.record.ignoredSignals,
    blockedSignals: target.record.blockedSignals,
    nofileSoft: target.record.nofileSoft,
    nofileHard: target.record.nofileHard,
  });
  check(status, 'ALF_HANDOVER', 'hand over (close_range)', { ENOSYS: 'this needs Linux 5.10 or later' });
}

function describe(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return 'unknown';
  }
}
