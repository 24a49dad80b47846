import { toHex } from '../bpf/values/index.js';
import { compileGuard, compileInterception } from '../compile/seccomp/index.js';
import { type Advice, AlfError } from '../errors/index.js';
import type { Capabilities } from './capabilities.js';
import { INTERCEPTING } from './interceptable.js';
import type { PlannedInterception, PlannedListener } from './plan.js';

/** What the guard does, to follow "unable to". */
export const GUARDING = 'forbid the program to take the filter off (seccomp)';

/** What to do where it cannot be installed. */
export const GUARD_ADVICE: Advice = {
  hint: 'no seccomp filter is allowed by this kernel, container or unit (SystemCallFilter=… seccomp)',
  remedy: { kind: 'no lock' },
};

/**
 * The seccomp program that the target runs under: it intercepts the sockets of the target, or keeps the target from
 * undoing steering.
 *
 * @returns hexadecimal digits, undefined if the target needs none
 * @throws AlfError ALF_INTERCEPT or ALF_GUARD on an architecture that it is not written for
 */
export function planGuard(
  listeners: readonly PlannedListener[],
  interception: PlannedInterception | undefined,
  { machine }: Pick<Capabilities, 'machine'>,
): string | undefined {
  if (interception !== undefined) {
    const { mechanism, tcp } = interception;
    const program = compileInterception(machine, { mechanism, steers: tcp.tier === 'steer' });
    if (program !== undefined) return toHex(program);
    throw new AlfError('ALF_INTERCEPT', `unable to ${INTERCEPTING}: it is not written for ${machine}`, {
      errno: 'ENOSYS',
      remedy: { kind: 'open listeners', orLend: false },
    });
  }
  if (!listeners.some(({ tier, lock }) => tier === 'steer' && lock)) return undefined;
  const program = compileGuard(machine);
  if (program !== undefined) return toHex(program);
  throw new AlfError('ALF_GUARD', `unable to ${GUARDING}: it is not written for ${machine}`, {
    errno: 'ENOSYS',
    remedy: { kind: 'no lock' },
  });
}
