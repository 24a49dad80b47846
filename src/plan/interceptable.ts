import { type Advice, AlfError, type Remedy } from '../errors/index.js';
import type { Capabilities, InterceptionAnswers, ProbeResult } from './capabilities.js';
import type { Config } from './config.js';
import type { PlannedIdentity } from './identity-step.js';
import type { PlannedInterception } from './plan.js';
import { type Capable, inEffect } from './privileges.js';
import type { FilterSource } from './tiers.js';

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

/** What it takes to look into the program. */
const FETCHING = 'looking into it (pidfd_getfd, process_vm_readv)';

type Refusal = ProbeResult & { readonly works: false };

/**
 * Picks how the companion gets at the sockets of the program: it fetches them where it may, else it creates them, on tiers
 * `steer` and `classic`.
 *
 * @throws AlfError ALF_INTERCEPT where neither works
 */
export function chooseMechanism(
  { tier }: Pick<Config, 'tier'>,
  source: FilterSource,
  capabilities: Capable & Pick<Capabilities, 'interception'>,
): PlannedInterception['mechanism'] {
  const { interception: answers } = capabilities;
  if (answers === undefined) throw new Error('it was not asked whether sockets can be intercepted');
  const { notify, fetch, create } = answers;
  if (!notify.works) {
    const reason = `seccomp user notification is refused: ${notify.reason}`;
    throw refusal(reason, notify, NOTIFY_ADVICE[notify.errno] ?? NOTIFY_ADVICE['*'] ?? {});
  }
  if (fetch.works) return 'fetch';
  const why = `${FETCHING} is refused: ${fetch.reason}`;
  const hint = hintForFetch(fetch.errno, answers.ptraceScope, capabilities);
  if (create?.works !== true) {
    const second =
      create === undefined ? '' : `; creating them is refused: ${create.reason} (${create.errno})`;
    throw refusal(`${why}${second}`, fetch, { hint, remedy: LISTEN });
  }
  if (source.policy === undefined)
    throw refusal(`${why}, and only rules do without`, fetch, { hint, remedy: LISTEN });
  if (tier !== 'auto' && tier !== 'steer')
    throw refusal(`${why}, and only tier steer does without`, fetch, { hint, remedy: STEER });
  return 'create';
}

const LISTEN: Remedy = { kind: 'open listeners', orLend: false };
const STEER: Remedy = { kind: 'use tier', tier: 'steer' };

function refusal(reason: string, { errno }: Refusal, advice: Advice): AlfError {
  return new AlfError('ALF_INTERCEPT', `unable to ${INTERCEPTING}: ${reason}`, { errno, ...advice });
}

/**
 * What lets a companion look into its target.
 *
 * @param ptraceScope `kernel.yama.ptrace_scope`, where it is known
 */
function hintForFetch(
  errno: string,
  ptraceScope: InterceptionAnswers['ptraceScope'],
  capabilities: Capable,
): string {
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
