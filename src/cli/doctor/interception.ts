import type { Examination } from '../../app/index.js';
import { inEffect } from '../../plan/index.js';
import { diagnoseCompanion } from './companion.js';
import { CONTAINER_CALLS, type Finding, failed, ok, type Unlock } from './diagnosis.js';

/** The line that lets a unit's seccomp filter pass what a companion does, beside all that a start does. */
const SYSTEM_CALLS: Unlock = {
  where: 'in a system unit',
  line: 'SystemCallFilter=@system-service bpf seccomp @pkey pidfd_getfd process_vm_readv',
};

const NO_YAMA: Unlock = { where: 'on this machine', line: 'sudo sysctl -w kernel.yama.ptrace_scope=0' };

/** What lends the capability. */
const LENT: readonly Unlock[] = [
  { where: 'in a system unit', line: 'AmbientCapabilities=CAP_SYS_PTRACE' },
  { where: 'for a container', line: '--cap-add SYS_PTRACE' },
];

/** Yama forbids it to all processes until the machine is booted again. */
const NO_ATTACH = 3;

const FETCHES = 'mechanism: the companion fetches each socket at bind(2) and listen(2) (pidfd_getfd)';
const CREATES =
  'mechanism: the companion creates each socket at socket(2) (SECCOMP_IOCTL_NOTIF_ADDFD), on tiers steer and classic only';

/** Says whether the sockets that a program opens itself can be filtered here, by which mechanism, and what unlocks it. */
export function diagnoseInterception(examination: Examination): Finding {
  const { notify, fetch, create, localPorts } = examination.interception;
  if (!notify.works) {
    return failed(
      [`seccomp user notification is refused: ${notify.reason} (${notify.errno})`, ...causesOf(notify.errno)],
      examination.seccomp ? [SYSTEM_CALLS, CONTAINER_CALLS] : [],
    );
  }
  const companion = diagnoseCompanion(examination);
  if (companion !== undefined) return companion;
  const clients =
    localPorts === undefined
      ? 'net.ipv4.ip_local_port_range cannot be read: on tier classic, UDP sockets of clients are filtered too'
      : `on tier classic, UDP sockets with ports ${localPorts.join(' to ')} (net.ipv4.ip_local_port_range) are clients`;
  if (fetch.works) return ok([FETCHES, clients]);
  const refused = diagnoseFetch(fetch, examination);
  if (create?.works === true) return ok([CREATES, ...refused.why, clients], refused.unlock);
  const second =
    create === undefined ? [] : [`creating its sockets is refused: ${create.reason} (${create.errno})`];
  return { ...refused, why: [...refused.why, ...second] };
}

function causesOf(errno: string): string[] {
  switch (errno) {
    case 'EBUSY':
      return [
        'another process supervises this one already: a launch that intercepts, or a container runtime',
      ];
    case 'EINVAL':
      return ['this kernel does not know it; Linux 5.0 does'];
    default:
      return [];
  }
}

function diagnoseFetch(
  { errno, reason }: Examination['interception']['fetch'] & { works: false },
  examination: Examination,
): Finding {
  const { interception, seccomp } = examination;
  const { ptraceScope } = interception;
  const why = [`looking into the program is refused (pidfd_getfd, process_vm_readv): ${reason} (${errno})`];
  const calls = seccomp ? [SYSTEM_CALLS] : [];
  if (errno === 'ENOSYS') return failed([...why, 'this kernel does not know it; Linux 5.6 does'], calls);
  if (ptraceScope === NO_ATTACH)
    return failed(
      [...why, 'kernel.yama.ptrace_scope is 3: no process may, until the machine is booted again'],
      [],
    );
  if (inEffect('CAP_SYS_PTRACE', examination))
    return failed([...why, 'CAP_SYS_PTRACE is in effect: seccomp or a security module refuses'], calls);
  const isYama = ptraceScope === 1 || ptraceScope === 2;
  return failed(
    [
      ...why,
      ...(isYama ? [`kernel.yama.ptrace_scope is ${ptraceScope}: it needs CAP_SYS_PTRACE`] : []),
      'CAP_SYS_PTRACE is not in effect (CapEff)',
    ],
    [...LENT, ...(isYama ? [NO_YAMA] : []), ...calls],
  );
}
