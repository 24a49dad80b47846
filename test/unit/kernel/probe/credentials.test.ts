import { describe, expect, it } from 'vitest';
import { parseCredentials, readCredentials } from '../../../../src/kernel/probe/index.js';
import { failureOf } from '../../support/failure.js';

const STATUS = `Name:\tUid: 1 CapEff: 2
Umask:\t0022
Uid:\t1000\t1001\t1002\t1003
Gid:\t100\t100\t100\t100
CapInh:\t0000000000000001
CapPrm:\t0000008000000002
CapEff:\t0000008000000003
CapBnd:\t000001ffffffffff
CapAmb:\t0000008000000000
NoNewPrivs:\t0
`;

describe('parseCredentials', () => {
  it('takes the effective user and every set', () => {
    expect(parseCredentials(STATUS)).toEqual({
      uid: 1001,
      inheritable: 1n,
      permitted: 0x8000000002n,
      effective: 0x8000000003n,
      bounding: 0x1ffffffffffn,
      ambient: 0x8000000000n,
    });
  });

  it.each(['Uid', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])(
    'refuses to go on without %s',
    (field) => {
      const without = STATUS.replace(new RegExp(`^${field}:.*\n`, 'm'), '');
      expect(failureOf(() => parseCredentials(without))).toEqual({
        code: 'ALF_STATE',
        message: `/proc/self/status has no field ${field}`,
      });
    },
  );
});

it('reads those of this process', () => {
  expect(readCredentials().uid).toBe(process.geteuid?.());
});
