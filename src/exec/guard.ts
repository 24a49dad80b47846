import { type CoreOps, check } from '../kernel/index.js';

/**
 * Forbids this thread, and so the target and its children, to undo steering: from now on changing SO_REUSEPORT, attaching
 * or detaching a reuseport program, and io_uring, which could do the same unseen, fail with EPERM.
 *
 * Sets no_new_privs, so set-user-ID programs gain nothing below the target.
 *
 * @throws AlfError ALF_GUARD
 * @see seccomp(2)
 */
export function guardSteering(core: CoreOps): void {
  check(core.guard(), 'ALF_GUARD', 'forbid the program to take the filter off (seccomp)', {
    '*': 'no seccomp filter is allowed by this kernel, container or unit (SystemCallFilter=… seccomp); --no-lock does without',
  });
}
