import { describe, expect, it } from 'vitest';
import type { Examination } from '../../../../src/app/index.js';
import { diagnoseEbpf } from '../../../../src/cli/doctor/ebpf.js';
import { NOBODY } from '../../support/plans.js';
import { CAP_BPF, machineOf, REFUSED } from './machines.js';

const EPERM = 'loading eBPF is refused: operation not permitted (EPERM)';
const LACKS = 'CAP_BPF is not in effect (CapEff)';
const SYSCTL = 'kernel.unprivileged_bpf_disabled is 2: loading needs CAP_BPF';
const SECCOMP = 'a seccomp filter is in force (Seccomp: 2), which may forbid bpf(2)';
const AMBIENT = 'in a system unit: AmbientCapabilities=CAP_BPF CAP_PERFMON';
const LENT = '--init-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon alfwrapper …';
const CALLS = 'in a system unit: SystemCallFilter=@system-service bpf seccomp @pkey';
const PROFILE = 'for a container: --security-opt seccomp=FILE, a profile that allows bpf and seccomp';

const lacking = { ...NOBODY, uid: 1000, gid: 100, bounding: CAP_BPF };
const sysctls = machineOf().sysctls;
const refused = (changes: Partial<Examination>) => machineOf({ tiers: REFUSED.ebpf, ...changes });

const refusedFilter = (name: string, errno: string) => ({
  ...{ name, works: false },
  notes: [`unable to load filter ${name} (${errno})`],
});

const findingOf = (machine: Examination) => {
  const { works, why, unlock, notes } = diagnoseEbpf(machine);
  return { works, why, unlock: unlock.map(({ where, line }) => `${where}: ${line}`), notes };
};

describe('tier ebpf', () => {
  it('works', () => {
    expect(findingOf(machineOf())).toEqual({ works: true, why: [], unlock: [], notes: [] });
  });

  it('works at a price with CAP_BPF alone', () => {
    expect(findingOf(machineOf({ credentials: { ...lacking, effective: CAP_BPF } }))).toEqual({
      works: true,
      why: [],
      unlock: ['in a system unit: AmbientCapabilities=CAP_BPF CAP_PERFMON'],
      notes: [
        'the verifier adds Spectre mitigations (CAP_PERFMON is missing): a packet costs three times as much',
      ],
    });
  });

  it('works for rules where another filter is refused, or packets are copied', () => {
    const policyFilter = { name: 'policy', works: true, notes: ['packets are copied to be read: EACCES'] };
    const otherFilters = [refusedFilter('knocking', 'EACCES'), { name: 'subnets', works: true, notes: [] }];
    expect(findingOf(machineOf({ policyFilter, otherFilters }))).toEqual({
      ...{ works: true, why: [], unlock: [] },
      notes: ['packets are copied to be read: EACCES', 'unable to load filter knocking (EACCES)'],
    });
  });

  it('does not work: the verifier refuses the rules under CAP_BPF alone, and CAP_PERFMON is what to lend', () => {
    const policyFilter = refusedFilter('policy', 'EACCES');
    expect(findingOf(machineOf({ credentials: { ...lacking, effective: CAP_BPF }, policyFilter }))).toEqual({
      ...{ works: false, why: ['unable to load filter policy (EACCES)'], notes: [] },
      unlock: [AMBIENT],
    });
  });

  it.each<[string, Examination, string[], string[]]>([
    [
      'no capability',
      refused({ credentials: lacking }),
      [EPERM, LACKS, SYSCTL],
      [AMBIENT, `by hand: sudo setpriv --reuid 1000 --regid 100 ${LENT}`],
    ],
    [
      'no capability, a sysctl that forbids nothing',
      refused({ credentials: lacking, sysctls: { ...sysctls, unprivilegedBpfDisabled: 0 } }),
      [
        EPERM,
        LACKS,
        'kernel.unprivileged_bpf_disabled is 0: seccomp, a security module or the kernel itself refuses',
      ],
      [AMBIENT, `by hand: sudo setpriv --reuid 1000 --regid 100 ${LENT}`],
    ],
    [
      'no capability, a sysctl that cannot be read',
      refused({ credentials: lacking, sysctls: { ...sysctls, unprivilegedBpfDisabled: undefined } }),
      [EPERM, LACKS],
      [AMBIENT, `by hand: sudo setpriv --reuid 1000 --regid 100 ${LENT}`],
    ],
    [
      'nothing in the bounding set',
      refused({ credentials: { ...lacking, bounding: 0n } }),
      [EPERM, LACKS, SYSCTL, 'the bounding set has no CAP_BPF: nothing that is started from here can get it'],
      [
        AMBIENT,
        `by hand, from outside: sudo setpriv --reuid 1000 --regid 100 ${LENT}`,
        'for a container: --cap-add BPF --cap-add PERFMON',
      ],
    ],
    [
      'root without the capability',
      refused({ credentials: { ...lacking, uid: 0, gid: 0, bounding: 0n } }),
      [EPERM, LACKS, SYSCTL, 'the bounding set has no CAP_BPF: nothing that is started from here can get it'],
      [
        'in a system unit: CapabilityBoundingSet=CAP_BPF CAP_PERFMON',
        'for a container: --cap-add BPF --cap-add PERFMON',
      ],
    ],
    [
      'no_new_privs and seccomp',
      refused({ credentials: lacking, noNewPrivs: true, seccomp: true }),
      [EPERM, LACKS, SYSCTL, 'no_new_privs is set: sudo gains nothing from here', SECCOMP],
      [AMBIENT, `by hand, from outside: sudo setpriv --reuid 1000 --regid 100 ${LENT}`, CALLS],
    ],
    [
      'a user namespace, with the capability',
      refused({ userNamespace: true }),
      [EPERM, 'CAP_BPF is in effect, but does not count in a user namespace'],
      [AMBIENT, `by hand, from outside: sudo setpriv --reuid USER --regid GROUP ${LENT}`],
    ],
    [
      'a user namespace, without it',
      refused({ userNamespace: true, credentials: lacking }),
      [EPERM, LACKS, SYSCTL, 'this is a user namespace, in which CAP_BPF would not count'],
      [AMBIENT, `by hand, from outside: sudo setpriv --reuid USER --regid GROUP ${LENT}`],
    ],
    ['seccomp, with the capability', refused({ seccomp: true }), [EPERM, SECCOMP], [CALLS, PROFILE]],
    [
      'something else, with the capability',
      refused({}),
      [EPERM, 'CAP_BPF is in effect: a security module or the kernel itself refuses'],
      [],
    ],
    [
      'a filter that the kernel refuses',
      machineOf({ policyFilter: refusedFilter('policy', 'EINVAL') }),
      ['unable to load filter policy (EINVAL)'],
      [],
    ],
    [
      'a kernel that lets everybody load small programs',
      machineOf({
        credentials: lacking,
        policyFilter: refusedFilter('policy', 'EPERM'),
      }),
      [
        'unable to load filter policy (EPERM)',
        'CAP_BPF is not in effect (CapEff), and small programs only do without',
      ],
      [AMBIENT, `by hand: sudo setpriv --reuid 1000 --regid 100 ${LENT}`],
    ],
  ])('does not work: %s', (_, machine, why, unlock) => {
    expect(findingOf(machine)).toEqual({ works: false, why, unlock, notes: [] });
  });

  it.each([
    [
      true,
      [
        'on Debian, Ubuntu: sudo apt-get install libbpf1',
        'on Fedora: sudo dnf install libbpf',
        'on Arch Linux: sudo pacman -S libbpf',
      ],
    ],
    [false, ['in the package: scripts/setup.sh']],
  ])('does not work: libbpf is missing (built: %s)', (built, unlock) => {
    const libbpf = { works: false, built, reason: 'unable to load alf_bpf.node' } as const;
    expect(findingOf(machineOf({ libbpf, policyFilter: undefined }))).toEqual({
      works: false,
      why: ['unable to load alf_bpf.node'],
      unlock,
      notes: [],
    });
  });
});
