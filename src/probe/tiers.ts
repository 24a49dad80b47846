import { type CoreOps, describeErrno } from '../native/index.js';
import type { TierAnswer } from '../plan/index.js';

/**
 * Tries whether this process may load an eBPF socket filter.
 *
 * Trying is the only answer that holds: it depends on capabilities, the user namespace, a sysctl, LSMs, seccomp and
 * what distributions backport.
 */
export function probeEbpf(core: CoreOps): TierAnswer {
  const status = core.probeSocketFilter();
  if (status >= 0) return { works: true };
  const { name, text } = describeErrno(-status);
  return { works: false, errno: name, reason: text };
}
