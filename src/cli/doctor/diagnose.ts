import type { Examination } from '../../app/index.js';
import { describeCapacity } from './capacity.js';
import { diagnoseClassicTcp, diagnoseClassicUdp } from './classic.js';
import { type Diagnosis, type Finding, ok, type Unlock } from './diagnosis.js';
import { diagnoseEbpf } from './ebpf.js';
import { diagnoseInterception } from './interception.js';
import { diagnoseSteer } from './steer.js';

/** Everything that is to be said of a machine. */
export interface Report {
  /** From the strongest tier to the one that works everywhere. */
  readonly tiers: readonly Diagnosis[];
  /** Whether the sockets that a program opens itself can be filtered. */
  readonly interception: Finding;
  /** What concerns all of them. */
  readonly machine: Finding;
  /** The strongest tier that works, by protocol. */
  readonly strongest: {
    readonly tcp: Diagnosis['tier'] | undefined;
    readonly udp: Diagnosis['tier'] | undefined;
  };
}

/** Turns the answers of a machine into what its owner wants to know. Asks nothing itself. */
export function diagnose(examination: Examination): Report {
  const tiers: Diagnosis[] = [
    { tier: 'ebpf', protocols: ['tcp', 'udp'], ...diagnoseEbpf(examination) },
    { tier: 'classic', protocols: ['tcp'], ...diagnoseClassicTcp(examination) },
    { tier: 'classic', protocols: ['udp'], ...diagnoseClassicUdp(examination) },
    { tier: 'steer', protocols: ['tcp'], ...diagnoseSteer(examination) },
  ];
  const strongest = (protocol: 'tcp' | 'udp') =>
    tiers.find(({ works, protocols }) => works && protocols.includes(protocol))?.tier;
  return {
    tiers,
    interception: diagnoseInterception(examination),
    machine: diagnoseMachine(examination),
    strongest: { tcp: strongest('tcp'), udp: strongest('udp') },
  };
}

function diagnoseMachine({ nodeVersion, sysctls }: Examination): Finding {
  const capacity = describeCapacity(sysctls.optmemMax);
  const interpreted = sysctls.bpfJitEnable === 0;
  const faster: Unlock = { where: 'for the compiler', line: 'sudo sysctl -w net.core.bpf_jit_enable=1' };
  return ok(
    [
      `Node.js ${nodeVersion}`,
      ...capacity.notes,
      ...(interpreted ? ['net.core.bpf_jit_enable is 0: BPF programs are interpreted, which is slower'] : []),
      ...(sysctls.mptcpEnabled === 1
        ? ['net.mptcp.enabled is 1: MPTCP sockets refuse classic filters; alfwrapper opens plain TCP']
        : []),
    ],
    [...capacity.unlock, ...(interpreted ? [faster] : [])],
  );
}
