import { readlinkSync } from 'node:fs';
import { AlfError, quote } from '../errors/index.js';
import type { ProcessRecord } from './record.js';

/** The program to become, in bytes, and the state to become it in. */
export interface Target {
  readonly path: Uint8Array;
  readonly argv: readonly Uint8Array[];
  readonly environment: readonly Uint8Array[];
  readonly record: ProcessRecord;
}

/**
 * Checks that the descriptors the listeners are going to have are free: a file that was passed in at one of them
 * would be lost.
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

function describe(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return 'unknown';
  }
}
