import { AlfError } from '../../errors/index.js';
import type { Capabilities, ProbeResult } from '../../plan/index.js';
import { type CoreOps, describeErrno, type ProbeStatuses, type Status } from '../index.js';

/**
 * Says which tiers work for this process on this machine.
 *
 * @param statuses found by trying, the only reliable way: it depends on capabilities, the user namespace, sysctls, LSMs,
 *   seccomp and backports
 */
export function describeTiers({ ebpf, classicTcp, classicUdp, steer }: ProbeStatuses): Capabilities['tiers'] {
  return {
    ebpf: resultOf(ebpf),
    classic: { tcp: resultOf(classicTcp), udp: resultOf(classicUdp) },
    steer: resultOf(steer),
  };
}

/**
 * Attaches a loaded program to a socket that is closed again: a socket is charged for the instructions of its filter.
 *
 * @throws AlfError ALF_VERIFIER if the kernel refuses
 */
export function tryAttach(core: CoreOps, programFd: number, name: string): void {
  const tried = resultOf(core.tryAttach(programFd));
  if (tried.works) return;
  throw new AlfError('ALF_VERIFIER', `unable to attach filter ${name}: ${tried.reason}`, {
    errno: tried.errno,
    ...(tried.errno === 'ENOMEM'
      ? { hint: 'give sockets more memory: sysctl -w net.core.optmem_max=131072' }
      : {}),
  });
}

/** What a status means. */
export function resultOf(status: Status): ProbeResult {
  if (status >= 0) return { works: true };
  const { name, text } = describeErrno(-status);
  return { works: false, errno: name, reason: text };
}
