import { closeSync, openSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkPlaces, parseRecord } from '../../../src/exec/index.js';
import { failureOf } from '../support/failure.js';

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
