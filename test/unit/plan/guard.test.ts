import { expect, it } from 'vitest';
import { toHex } from '../../../src/bpf/values/index.js';
import { compileGuard } from '../../../src/compile/seccomp/index.js';
import { makePlan } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf } from '../support/plans.js';

const plan = (tier: 'steer' | 'classic', lock = true, machine = 'x86_64') =>
  makePlan(configOf({ tier, lock }), { ...filterOf(), policy: ALLOW_ALL }, capabilitiesOf({ machine }));

it('is the seccomp program of the machine, for a locked listener of tier steer', () => {
  expect(plan('steer').guard).toBe(toHex(compileGuard('x86_64') ?? new Uint8Array()));
  expect(plan('steer', true, 'aarch64').guard).not.toBe(plan('steer').guard);
  expect(plan('steer', false)).not.toHaveProperty('guard');
  expect(plan('classic')).not.toHaveProperty('guard');
});

it('is an error on a machine that it is not written for', () => {
  expect(failureOf(() => plan('steer', true, 'riscv64'))).toEqual({
    code: 'ALF_GUARD',
    message: 'unable to forbid the program to take the filter off (seccomp): it is not written for riscv64',
    errno: 'ENOSYS',
    hint: '--no-lock does without',
  });
  expect(plan('steer', false, 'riscv64')).not.toHaveProperty('guard');
});
