import { describe, expect, it } from 'vitest';
import type { Examination } from '../../../../src/app/index.js';
import { describeCapacity } from '../../../../src/cli/doctor/capacity.js';
import { diagnoseClassicTcp, diagnoseClassicUdp } from '../../../../src/cli/doctor/classic.js';
import type { Finding } from '../../../../src/cli/doctor/diagnosis.js';
import { diagnoseSteer } from '../../../../src/cli/doctor/steer.js';
import { NO, YES } from '../../support/plans.js';
import { machineOf, REFUSED } from './machines.js';

const CALLS = 'in a system unit: SystemCallFilter=@system-service bpf seccomp @pkey';
const PROFILE = 'for a container: --security-opt seccomp=FILE, a profile that allows bpf and seccomp';
const BELOW =
  'a seccomp filter is in force (Seccomp: 2): perhaps that of tier steer, if this runs below alfwrapper';
const OTHER = 'no privilege is needed for it: a security module or the kernel itself refuses';
const COMPANION = '/opt/alfwrapper/build/native/alf-companion';

const linesOf = ({ works, why, unlock, notes }: Finding) => ({
  works,
  why,
  unlock: unlock.map(({ where, line }) => `${where}: ${line}`),
  notes,
});
const udp = (errno: string, reason: string): Examination['tiers'] => ({
  ...REFUSED.all,
  classic: { tcp: NO, udp: { works: false, errno, reason } },
});

describe('what works needs no words', () => {
  it.each([
    ['classic on TCP', diagnoseClassicTcp],
    ['classic on UDP', diagnoseClassicUdp],
    ['steer', diagnoseSteer],
  ])('%s', (_, diagnose) => {
    expect(diagnose(machineOf())).toEqual({ works: true, why: [], unlock: [], notes: [] });
  });
});

describe('what does not work', () => {
  it.each<[string, Finding, string[], string[], string[]]>([
    [
      'classic on TCP: the kernel wants CAP_NET_ADMIN',
      diagnoseClassicTcp(machineOf({ tiers: REFUSED.tcp })),
      [
        'a classic filter is refused: operation not permitted (EPERM)',
        'on TCP this kernel wants CAP_NET_ADMIN over the network namespace (fix of CVE-2026-53236)',
      ],
      ['without privilege: --tier steer', 'in a system unit: AmbientCapabilities=CAP_NET_ADMIN'],
      ['it is dropped before the program starts; tier steer needs none, tier ebpf the smaller CAP_BPF'],
    ],
    [
      'classic on TCP: so does steering',
      diagnoseClassicTcp(machineOf({ tiers: { ...REFUSED.tcp, steer: NO } })),
      [
        'a classic filter is refused: operation not permitted (EPERM)',
        'on TCP this kernel wants CAP_NET_ADMIN over the network namespace (fix of CVE-2026-53236)',
      ],
      ['in a system unit: AmbientCapabilities=CAP_NET_ADMIN'],
      ['it is dropped before the program starts; tier steer needs none, tier ebpf the smaller CAP_BPF'],
    ],
    [
      'classic on TCP: on UDP neither',
      diagnoseClassicTcp(machineOf({ tiers: REFUSED.all })),
      ['a classic filter is refused: operation not permitted (EPERM)', OTHER],
      [],
      [],
    ],
    [
      'classic on UDP: seccomp',
      diagnoseClassicUdp(machineOf({ tiers: REFUSED.all, seccomp: true })),
      ['a classic filter is refused: operation not permitted (EPERM)', BELOW],
      [CALLS],
      [],
    ],
    [
      'classic on UDP: no memory',
      diagnoseClassicUdp(machineOf({ tiers: udp('ENOMEM', 'not enough memory') })),
      [
        'a classic filter is refused: not enough memory (ENOMEM)',
        'net.core.optmem_max leaves no room even for the smallest program',
      ],
      ['for larger programs: sudo sysctl -w net.core.optmem_max=131072'],
      [],
    ],
    [
      'classic on UDP: no sockets',
      diagnoseClassicUdp(machineOf({ tiers: udp('EAFNOSUPPORT', 'address family not supported') })),
      [
        'a classic filter is refused: address family not supported (EAFNOSUPPORT)',
        'neither IPv4 nor IPv6 sockets can be made',
      ],
      ['in a system unit: RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX'],
      [],
    ],
    [
      'steer: an old kernel',
      diagnoseSteer(
        machineOf({
          tiers: {
            ...REFUSED.all,
            steer: { works: false, errno: 'ENOPROTOOPT', reason: 'protocol not available' },
          },
        }),
      ),
      [
        'steering is refused: protocol not available (ENOPROTOOPT)',
        'this kernel does not know the socket option; Linux 4.6 does',
      ],
      [],
      [],
    ],
    [
      'steer: no companion',
      diagnoseSteer(machineOf({ companion: { file: COMPANION, state: 'missing' } })),
      [`the companion is missing: ${COMPANION}`],
      ['in the package: scripts/setup.sh'],
      [],
    ],
    [
      'steer: a companion that does not run',
      diagnoseSteer(machineOf({ companion: { file: COMPANION, state: 'not executable' } })),
      [`the companion cannot be executed: ${COMPANION}`],
      [`if its mode is to blame: chmod +x ${COMPANION}`],
      ['a file system that is mounted noexec refuses as well'],
    ],
    [
      'steer: no guard',
      diagnoseSteer(machineOf({ guard: NO })),
      ['the program cannot be kept from taking steering off (seccomp): operation not permitted (EPERM)'],
      ['without this guard: --no-lock'],
      [],
    ],
    [
      'steer: no guard, because of a seccomp filter that does not want another one',
      diagnoseSteer(machineOf({ guard: NO, seccomp: true })),
      ['the program cannot be kept from taking steering off (seccomp): operation not permitted (EPERM)'],
      [CALLS, PROFILE, 'without this guard: --no-lock'],
      [],
    ],
  ])('%s', (_, finding, why, unlock, notes) => {
    expect(linesOf(finding)).toEqual({ works: false, why, unlock, notes });
  });

  it('is asked for at all where only steering is refused', () => {
    expect(diagnoseSteer(machineOf({ tiers: { ...REFUSED.tcp, steer: YES } })).works).toBe(true);
  });
});

describe('the room for classic programs', () => {
  it.each([
    [
      131072,
      'net.core.optmem_max is 131072: classic and steer take about 3300 IPv4 prefixes (4096 instructions)',
    ],
    [
      52896,
      'net.core.optmem_max is 52896: classic and steer take about 3300 IPv4 prefixes (4096 instructions)',
    ],
    [52895, 'net.core.optmem_max is 52895: classic and steer take about 3200 IPv4 prefixes instead of 3300'],
    [20480, 'net.core.optmem_max is 20480: classic and steer take about 1200 IPv4 prefixes instead of 3300'],
    [1000, 'net.core.optmem_max is 1000: classic and steer take less than 100 IPv4 prefixes instead of 3300'],
    [0, 'net.core.optmem_max is 0: classic and steer take less than 100 IPv4 prefixes instead of 3300'],
    [
      undefined,
      'classic and steer take about 3300 IPv4 prefixes (4096 instructions); net.core.optmem_max, which may allow less, cannot be read',
    ],
  ])('%s', (optmemMax, note) => {
    const { notes, unlock } = describeCapacity(optmemMax);
    expect(notes).toEqual([note]);
    expect(unlock.map(({ line }) => line)).toEqual(
      note.includes('instead') ? ['sudo sysctl -w net.core.optmem_max=131072'] : [],
    );
  });
});
