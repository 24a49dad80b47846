import type { Examination } from '../../../../src/app/index.js';
import { capabilitiesOf, NO, NOBODY, YES } from '../../support/plans.js';

/** The bit of CAP_BPF. */
export const CAP_BPF = 1n << 39n;

const CAP_PERFMON = 1n << 38n;

/** A machine on which everything works for an ordinary user who was lent CAP_BPF and CAP_PERFMON. */
export function machineOf(changes: Partial<Examination> = {}): Examination {
  return {
    nodeVersion: '20.20.2',
    credentials: { ...NOBODY, uid: 1000, gid: 100, effective: CAP_BPF | CAP_PERFMON, bounding: CAP_BPF },
    capabilityNumbers: capabilitiesOf().capabilityNumbers,
    userNamespace: false,
    seccomp: false,
    noNewPrivs: false,
    sysctls: { unprivilegedBpfDisabled: 2, optmemMax: 131072, bpfJitEnable: 1, mptcpEnabled: 0 },
    tiers: { ebpf: YES, classic: { tcp: YES, udp: YES }, steer: YES },
    libbpf: { works: true },
    companion: { file: '/opt/alfwrapper/build/native/alf-companion', state: 'executable' },
    interception: {
      fetch: YES,
      notify: YES,
      create: undefined,
      ptraceScope: undefined,
      localPorts: [32768, 60999],
    },
    guard: YES,
    policyFilter: { name: 'policy', works: true, notes: [] },
    otherFilters: [],
    ...changes,
  };
}

/** What the kernel answers when it means no, by the matter. */
export const REFUSED = {
  ebpf: { ebpf: NO, classic: { tcp: YES, udp: YES }, steer: YES },
  tcp: { ebpf: NO, classic: { tcp: NO, udp: YES }, steer: YES },
  all: { ebpf: NO, classic: { tcp: NO, udp: NO }, steer: NO },
} as const;
