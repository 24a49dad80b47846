import { closeSync, openSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { becomeTarget, checkPlaces, parseRecord } from '../../../src/exec/index.js';
import { failureOf } from '../support/failure.js';
import { fakeCore } from '../support/fake-core.js';

const record = (descriptors: string) => parseRecord(`3 4 5:6 ${descriptors}`);

describe('checkPlaces', () => {
  it.each([
    ['0,1,2,', [3]],
    ['0,1,2,4,', [3]],
    ['0,1,2,3,5,9,', [4]],
    ['', [3, 4, 5]],
    ['0,1,2,3,4,', []],
  ])('lets %j be with listeners at %j', (descriptors, places) => {
    expect(checkPlaces(record(descriptors), places)).toBeUndefined();
  });

  it('says what is in the way', () => {
    const fd = openSync('/dev/null', 'r');
    onTestFinished(() => closeSync(fd));
    expect(failureOf(() => checkPlaces(record(`0,1,2,${fd},`), [3, fd]))).toEqual({
      code: 'ALF_STATE',
      message: `descriptor ${fd} is needed for a listener but is inherited (/dev/null)`,
      hint: `close it for this command: alfwrapper … ${fd}>&-`,
    });
  });

  it('says so too if it cannot find out what it is', () => {
    expect(failureOf(() => checkPlaces(record('99999,'), [3, 99_999])).message).toBe(
      'descriptor 99999 is needed for a listener but is inherited (unknown)',
    );
  });
});

describe('becomeTarget', () => {
  const target = {
    path: Buffer.from('/bin/true'),
    argv: [Buffer.from('true')],
    environment: [Buffer.from('A=1')],
    record: record('0,2,4,9,'),
  };

  it('hands over the recorded state', () => {
    const { core, handovers } = fakeCore();
    becomeTarget(core, target, [7], { fds: [3], lock: true });
    expect(handovers).toEqual([
      {
        path: target.path,
        argv: target.argv,
        environment: target.environment,
        listeners: [7],
        adopted: [3],
        lockAdopted: true,
        inherited: [4, 9],
        stdioOpen: [true, false, true],
        blockedSignals: 3n,
        ignoredSignals: 4n,
        nofileSoft: 5n,
        nofileHard: 6n,
      },
    ]);
  });

  it.each([
    [-38, 'function not implemented', 'ENOSYS', { hint: 'this needs Linux 5.10 or later' }],
    [-12, 'not enough memory', 'ENOMEM', {}],
  ])('says why it could not: %i', (status, text, errno, hint) => {
    const { core } = fakeCore({ handover: status });
    expect(failureOf(() => becomeTarget(core, target, [7]))).toEqual({
      code: 'ALF_HANDOVER',
      message: `unable to hand over (close_range): ${text}`,
      errno,
      ...hint,
    });
  });
});
