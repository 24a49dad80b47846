import { expect, it } from 'vitest';
import { diagnose } from '../../../../src/cli/doctor/diagnose.js';
import { renderReport, renderReportJson } from '../../../../src/cli/doctor/render.js';
import { NO } from '../../support/plans.js';
import { machineOf, REFUSED } from './machines.js';

it('has a block for each tier, one for interception, one for the machine, and what it comes to', () => {
  const sysctls = { unprivilegedBpfDisabled: 2, optmemMax: 131072, bpfJitEnable: 0, mptcpEnabled: 1 };
  const report = diagnose(machineOf({ tiers: REFUSED.tcp, guard: NO, sysctls }));
  expect(renderReport(report)).toBe(`ebpf on TCP and UDP: does not work
  why     loading eBPF is refused: operation not permitted (EPERM)
          CAP_BPF is in effect: a security module or the kernel itself refuses

classic on TCP: does not work
  why     a classic filter is refused: operation not permitted (EPERM)
          on TCP this kernel wants CAP_NET_ADMIN over the network namespace (fix of CVE-2026-53236)
  unlock  without privilege: --tier steer
          in a system unit:  AmbientCapabilities=CAP_NET_ADMIN
  note    it is dropped before the program starts; tier steer needs none, tier ebpf the smaller CAP_BPF

classic on UDP: works

steer on TCP: does not work
  why     the program cannot be kept from taking steering off (seccomp): operation not permitted (EPERM)
  unlock  without this guard: --no-lock

interception: works
  note    mechanism: the companion fetches each socket at bind(2) and listen(2) (pidfd_getfd)
          on tier classic, UDP sockets with ports 32768 to 60999 (net.ipv4.ip_local_port_range) are clients

this machine: fit
  unlock  for the compiler: sudo sysctl -w net.core.bpf_jit_enable=1
  note    Node.js 20.20.2
          net.core.optmem_max is 131072: classic and steer take about 3300 IPv4 prefixes (4096 instructions)
          net.core.bpf_jit_enable is 0: BPF programs are interpreted, which is slower
          net.mptcp.enabled is 1: MPTCP sockets refuse classic filters; alfwrapper opens plain TCP

strongest tier that works: none on TCP, classic on UDP
`);
});

it('is JSON with the answers it was made from', () => {
  const machine = machineOf({ tiers: REFUSED.ebpf });
  expect(JSON.parse(renderReportJson(diagnose(machine), machine))).toMatchObject({
    tiers: [
      { tier: 'ebpf', protocols: ['tcp', 'udp'], works: false },
      { tier: 'classic', protocols: ['tcp'], works: true },
      { tier: 'classic', protocols: ['udp'], works: true },
      { tier: 'steer', protocols: ['tcp'], works: true },
    ],
    interception: { works: true },
    strongest: { tcp: 'classic', udp: 'classic' },
    answers: { nodeVersion: '20.20.2', uid: 1000, effective: 'c000000000', sysctls: { optmemMax: 131072 } },
  });
});
