import { AlfError } from '../errors/index.js';

/** What the process was like before node changed it. */
export interface ProcessRecord {
  /** Signal masks: bit n-1 is signal n. */
  readonly blockedSignals: bigint;
  readonly ignoredSignals: bigint;
  /** RLIMIT_NOFILE; 2^64-1 is "unlimited". */
  readonly nofileSoft: bigint;
  readonly nofileHard: bigint;
  /** Open descriptors that are not close-on-exec, ascending. */
  readonly descriptors: readonly number[];
}

const FORM = /^([0-9a-f]{1,16}) ([0-9a-f]{1,16}) (\d+):(\d+) ((?:\d+,)*)$/;

/**
 * Parses the record of the entry: `BLOCKED IGNORED SOFT:HARD FD,FD,…,`.
 *
 * @param text undefined if there is none
 * @throws AlfError ALF_STATE if there is none or it is not one: without it nothing could be restored
 */
export function parseRecord(text: string | undefined): ProcessRecord {
  const [, blocked, ignored, soft, hard, descriptors] = FORM.exec(text ?? '') ?? [];
  if (!blocked || !ignored || !soft || !hard || descriptors === undefined) {
    const what = text === undefined ? 'is missing' : 'is damaged';
    throw new AlfError('ALF_STATE', `the record of the process state ${what}`, {
      hint: 'start alfwrapper by its own name, not through node',
    });
  }
  return {
    blockedSignals: BigInt(`0x${blocked}`),
    ignoredSignals: BigInt(`0x${ignored}`),
    nofileSoft: BigInt(soft),
    nofileHard: BigInt(hard),
    descriptors: descriptors
      .split(',')
      .filter((fd) => fd !== '')
      .map(Number)
      .sort((a, b) => a - b),
  };
}
