import type { Examination } from '../../app/index.js';
import { canReadKernelMemory, inBoundingSet, inEffect } from '../../plan/index.js';
import { CONTAINER_CALLS, type Finding, failed, ok, SYSTEM_CALLS, type Unlock } from './diagnosis.js';

/** Packages of libbpf: the manager's line by distribution. */
const LIBBPF: readonly Unlock[] = [
  { where: 'on Debian, Ubuntu', line: 'sudo apt-get install libbpf1' },
  { where: 'on Fedora', line: 'sudo dnf install libbpf' },
  { where: 'on Arch Linux', line: 'sudo pacman -S libbpf' },
];

/** What CAP_BPF alone gives. @see docs/performance.md */
const GUARDED =
  'the verifier adds Spectre mitigations (CAP_PERFMON is missing): a packet costs three times as much';
const LENT: Unlock = { where: 'in a system unit', line: 'AmbientCapabilities=CAP_BPF CAP_PERFMON' };

/** Says whether eBPF filters can be put in force here, and what stands in the way. */
export function diagnoseEbpf(examination: Examination): Finding {
  const { tiers, libbpf, policyFilter, otherFilters } = examination;
  if (!tiers.ebpf.works) {
    const { reason, errno } = tiers.ebpf;
    const why = [`loading eBPF is refused: ${reason} (${errno})`, ...causesOf(examination)];
    return failed(why, unlocksFor(examination));
  }
  if (!libbpf.works) {
    const line = { where: 'in the package', line: 'scripts/setup.sh' };
    return failed([libbpf.reason], libbpf.built ? LIBBPF : [line]);
  }
  if (policyFilter?.works === false) {
    const causes = inEffect('CAP_BPF', examination)
      ? []
      : ['CAP_BPF is not in effect (CapEff), and small programs only do without'];
    return failed([...policyFilter.notes, ...causes], unlocksForRefused(examination));
  }
  const notes = [...(policyFilter?.notes ?? []), ...otherFilters.flatMap((filter) => filter.notes)];
  return canReadKernelMemory(examination) ? ok(notes) : ok([GUARDED, ...notes], [LENT]);
}

/** The verifier allows more with CAP_PERFMON. */
function unlocksForRefused(examination: Examination): Unlock[] {
  if (!inEffect('CAP_BPF', examination)) return unlocksFor(examination);
  return canReadKernelMemory(examination) ? [] : [LENT];
}

function causesOf(examination: Examination): string[] {
  const { userNamespace, seccomp, noNewPrivs, sysctls } = examination;
  const forbids = 'a seccomp filter is in force (Seccomp: 2), which may forbid bpf(2)';
  if (inEffect('CAP_BPF', examination)) {
    if (userNamespace) return ['CAP_BPF is in effect, but does not count in a user namespace'];
    return seccomp ? [forbids] : ['CAP_BPF is in effect: a security module or the kernel itself refuses'];
  }
  const disabled = sysctls.unprivilegedBpfDisabled;
  return [
    'CAP_BPF is not in effect (CapEff)',
    ...(disabled === undefined || disabled === 0
      ? []
      : [`kernel.unprivileged_bpf_disabled is ${disabled}: loading needs CAP_BPF`]),
    ...(disabled === 0
      ? ['kernel.unprivileged_bpf_disabled is 0: seccomp, a security module or the kernel itself refuses']
      : []),
    ...(userNamespace ? ['this is a user namespace, in which CAP_BPF would not count'] : []),
    ...(!inBoundingSet('CAP_BPF', examination)
      ? ['the bounding set has no CAP_BPF: nothing that is started from here can get it']
      : []),
    ...(noNewPrivs ? ['no_new_privs is set: sudo gains nothing from here'] : []),
    ...(seccomp ? [forbids] : []),
  ];
}

function unlocksFor(examination: Examination): Unlock[] {
  const { credentials, userNamespace, seccomp } = examination;
  if (inEffect('CAP_BPF', examination) && !userNamespace)
    return seccomp ? [SYSTEM_CALLS, CONTAINER_CALLS] : [];
  const { uid, gid } = credentials;
  const lend = ['--inh-caps', '--ambient-caps'].map((set) => `${set} +bpf,+perfmon`).join(' ');
  // Inside of a user namespace these are not the numbers that an administrator outside would write.
  const user = userNamespace ? '--reuid USER --regid GROUP' : `--reuid ${uid} --regid ${gid}`;
  const byHand = `sudo setpriv ${user} --init-groups ${lend} alfwrapper …`;
  return [
    ...(uid === 0 && !userNamespace
      ? [{ where: 'in a system unit', line: 'CapabilityBoundingSet=CAP_BPF CAP_PERFMON' }]
      : [LENT, { where: `by hand${isConfined(examination) ? ', from outside' : ''}`, line: byHand }]),
    ...(!inBoundingSet('CAP_BPF', examination)
      ? [{ where: 'for a container', line: '--cap-add BPF --cap-add PERFMON' }]
      : []),
    ...(seccomp ? [SYSTEM_CALLS] : []),
  ];
}

function isConfined(examination: Examination): boolean {
  return examination.userNamespace || examination.noNewPrivs || !inBoundingSet('CAP_BPF', examination);
}
