import { describe, expect, it } from 'vitest';
import { planInherited } from '../support/adopted.js';
import { runFake } from '../support/fake-kernel.js';

const INSN_BYTES = 8;
const GUARD = new Uint8Array(4 * INSN_BYTES);
const INSTALL = ['prctl(PR_SET_NO_NEW_PRIVS, 1)', 'seccomp(4 instructions)'];

describe('the guard', () => {
  it('is installed after everything is open, before queues are looked at', () => {
    const { phase } = runFake({ listeners: [planInherited('127.0.0.1:80')] }, { guard: GUARD });
    expect(phase('settle').slice(0, 3)).toEqual([...INSTALL, 'membarrier()']);
  });

  it('is not installed if the plan has none', () => {
    expect(runFake({}).calls).toEqual([]);
  });

  it.each([
    [1, -1, 'operation not permitted'],
    [2, -22, 'invalid argument'],
  ])('ends the launch if call %i fails', (n, status, reason) => {
    const { calls, failure } = runFake({}, { guard: GUARD, answers: { [n]: status } });
    expect(calls).toEqual(INSTALL.slice(0, n));
    expect(failure).toMatchObject({
      code: 'ALF_GUARD',
      message: `unable to forbid the program to take the filter off (seccomp): ${reason}`,
      hint: 'no seccomp filter is allowed by this kernel, container or unit (SystemCallFilter=… seccomp); --no-lock does without',
    });
  });
});
