import { type Advice, AlfError } from '../errors/index.js';
import type { Capabilities, ProbeResult } from './capabilities.js';
import type { PlannedIdentity } from './identity-step.js';
import { type Capable, inEffect } from './privileges.js';

/** What interception does, to follow "unable to". */
export const INTERCEPTING = 'intercept the sockets of the program';

/** What helps where the notification cannot be installed, by errno. */
export const NOTIFY_ADVICE: Readonly<Record<string, Advice>> = {
  EBUSY: {
    hint: 'another process supervises this one already: start alfwrapper from outside of a launch that intercepts, or of a container runtime that does',
    remedy: { kind: 'open listeners', orLend: false },
  },
  EINVAL: { hint: 'it needs seccomp user notification, Linux 5.0 or later' },
  ENOSYS: { hint: 'this kernel is built without seccomp filters' },
  '*': { hint: 'no seccomp filter is allowed by this container or unit (SystemCallFilter=… seccomp)' },
};

/**
 * Refuses where the sockets that a program opens cannot be intercepted.
 *
 * @throws AlfError ALF_INTERCEPT
 */
export function assertInterceptable(capabilities: Capable & Pick<Capabilities, 'interception'>): void {
  const { interception: answers } = capabilities;
  if (answers === undefined) throw new Error('it was not asked whether sockets can be intercepted');
  const { notify, fetch } = answers;
  if (!notify.works) throw refusal('seccomp user notification', notify, adviceOn(notify.errno));
  if (!fetch.works) {
    const hint = hintForFetch(fetch.errno, answers.ptraceScope, capabilities);
    throw refusal('looking into it (pidfd_getfd, process_vm_readv)', fetch, {
      hint,
      remedy: { kind: 'open listeners', orLend: false },
    });
  }
}

function adviceOn(errno: string): Advice {
  return NOTIFY_ADVICE[errno] ?? NOTIFY_ADVICE['*'] ?? {};
}

function refusal(what: string, { errno, reason }: ProbeResult & { works: false }, advice: Advice): AlfError {
  return new AlfError('ALF_INTERCEPT', `unable to ${INTERCEPTING}: ${what} is refused: ${reason}`, {
    errno,
    ...advice,
  });
}

/**
 * What lets a companion duplicate the sockets of its target.
 *
 * @param ptraceScope `kernel.yama.ptrace_scope`, where it is known
 */
export function hintForFetch(errno: string, ptraceScope: number | undefined, capabilities: Capable): string {
  if (errno === 'ENOSYS')
    return 'it needs Linux 5.6; on a later one, a seccomp profile hides it: allow pidfd_open, pidfd_getfd and process_vm_readv';
  if (ptraceScope === 3)
    return 'kernel.yama.ptrace_scope is 3, which forbids it to all processes until the machine is booted again';
  if (inEffect('CAP_SYS_PTRACE', capabilities))
    return 'CAP_SYS_PTRACE is in effect: a seccomp profile or a security module refuses';
  const lend = 'AmbientCapabilities=CAP_SYS_PTRACE in the unit, --cap-add SYS_PTRACE for a container';
  if (ptraceScope === 1 || ptraceScope === 2)
    return `kernel.yama.ptrace_scope is ${ptraceScope}: it needs CAP_SYS_PTRACE (${lend}), or sysctl -w kernel.yama.ptrace_scope=0`;
  return `a container's seccomp profile allows it with CAP_SYS_PTRACE only: ${lend}`;
}

/**
 * Refuses to let the program gain privileges where the kernel wants no_new_privs for its seccomp filter.
 *
 * @throws AlfError ALF_INTERCEPT
 */
export function assertNewPrivileges(identity: PlannedIdentity | undefined, capabilities: Capable): void {
  const isDropped = identity?.steps.some(({ step }) => step === 'dropCapabilities') === true;
  if (inEffect('CAP_SYS_ADMIN', capabilities) && !isDropped) return;
  const need = 'a seccomp filter without no_new_privs needs CAP_SYS_ADMIN';
  const reason = isDropped ? `${need}, and the program is to run without capabilities` : need;
  throw new AlfError('ALF_INTERCEPT', `unable to let the program gain privileges: ${reason}`, {
    errno: 'EACCES',
    remedy: { kind: 'forbid new privileges' },
  });
}
