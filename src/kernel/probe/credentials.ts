import { readFileSync } from 'node:fs';
import { AlfError } from '../../errors/index.js';
import type { Credentials } from '../../plan/index.js';

/**
 * Reads the user and the capability sets of this process's main thread, the one that will exec.
 *
 * @throws AlfError ALF_STATE if /proc does not tell
 * @see proc_pid_status(5)
 */
export function readCredentials(): Credentials {
  return parseCredentials(readFileSync('/proc/self/status', 'latin1'));
}

/**
 * Finds user and capability sets in the text of /proc/PID/status.
 *
 * @returns the effective user id, and one mask per set
 * @throws AlfError ALF_STATE if a field is missing
 */
export function parseCredentials(status: string): Credentials {
  const field = (name: string): string => {
    const value = new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(status)?.[1];
    if (value === undefined) throw new AlfError('ALF_STATE', `/proc/self/status has no field ${name}`);
    return value;
  };
  const mask = (name: string) => BigInt(`0x${field(name)}`);
  return {
    uid: Number(field('Uid').split(/\s+/)[1]),
    effective: mask('CapEff'),
    permitted: mask('CapPrm'),
    inheritable: mask('CapInh'),
    bounding: mask('CapBnd'),
    ambient: mask('CapAmb'),
  };
}
