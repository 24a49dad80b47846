import { describe, expect, it } from 'vitest';
import { parseRecord } from '../../../src/exec/index.js';
import { failureOf } from '../support/failure.js';

const UNLIMITED = '18446744073709551615';

describe('parseRecord', () => {
  it.each([
    ['0000000000000000 0000000000000000 1024:1048576 0,1,2,', [0n, 0n, 1024n, 1048576n, [0, 1, 2]]],
    [`0 1000 1024:${UNLIMITED} `, [0n, 0x1000n, 1024n, BigInt(UNLIMITED), []]],
    ['fffffffe7ffbfeff 1 1024:1024 0,', [0xfffffffe7ffbfeffn, 1n, 1024n, 1024n, [0]]],
    ['0 0 1:1 10,2,0,1,', [0n, 0n, 1n, 1n, [0, 1, 2, 10]]],
  ] as const)('reads %j', (text, [blocked, ignored, soft, hard, descriptors]) => {
    expect(parseRecord(text)).toEqual({
      blockedSignals: blocked,
      ignoredSignals: ignored,
      nofileSoft: soft,
      nofileHard: hard,
      descriptors,
    });
  });

  const hint = 'start alfwrapper by its own name, not through node';

  it('refuses to go on without', () => {
    expect(failureOf(() => parseRecord(undefined))).toEqual({
      code: 'ALF_STATE',
      message: 'the record of the process state is missing',
      hint,
    });
  });

  it.each([
    ['nothing', ''],
    ['no descriptors', '0 0 1:1'],
    ['a descriptor without its comma', '0 0 1:1 0'],
    ['words for descriptors', '0 0 1:1 a,'],
    ['a negative descriptor', '0 0 1:1 -1,'],
    ['one limit', '0 0 1024 0,'],
    ['a limit in words', '0 0 unlimited:1 0,'],
    ['an empty mask', ' 0 1:1 0,'],
    ['a mask that is too long', '00000000000000000 0 1:1 0,'],
    ['upper case', 'A 0 1:1 0,'],
    ['something behind', '0 0 1:1 0, '],
    ['a line break behind', '0 0 1:1 0,\n'],
  ])('refuses %s', (_, text) => {
    expect(failureOf(() => parseRecord(text))).toEqual({
      code: 'ALF_STATE',
      message: 'the record of the process state is damaged',
      hint,
    });
  });
});
