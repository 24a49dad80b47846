import type { Examination } from '../../app/index.js';
import type { ProbeResult } from '../../plan/index.js';
import { MORE_MEMORY } from './capacity.js';
import { type Finding, failed, ok, SYSTEM_CALLS, type Unlock } from './diagnosis.js';

/** Says whether classic filters can be put on UDP sockets here. */
export function diagnoseClassicUdp(examination: Examination): Finding {
  const { udp } = examination.tiers.classic;
  return udp.works ? ok() : refusedSocketOption('a classic filter', udp, examination);
}

/** Says whether classic filters can be put on TCP sockets here. */
export function diagnoseClassicTcp(examination: Examination): Finding {
  const { tiers } = examination;
  const { tcp, udp } = tiers.classic;
  if (tcp.works) return ok();
  // What is allowed on UDP and not on TCP has been forbidden on purpose.
  if (tcp.errno !== 'EPERM' || !udp.works) return refusedSocketOption('a classic filter', tcp, examination);
  return failed(
    [
      `a classic filter is refused: ${tcp.reason} (EPERM)`,
      'on TCP this kernel wants CAP_NET_ADMIN over the network namespace (fix of CVE-2026-53236)',
    ],
    [
      ...(tiers.steer.works ? [{ where: 'without privilege', line: '--tier steer' }] : []),
      { where: 'in a system unit', line: 'AmbientCapabilities=CAP_NET_ADMIN' },
    ],
    ['it is dropped before the program starts; tier steer needs none, tier ebpf the smaller CAP_BPF'],
  );
}

/** Why a program could not be put on a scratch socket, where it needs no privilege. */
export function refusedSocketOption(
  what: string,
  answer: Exclude<ProbeResult, { works: true }>,
  { seccomp }: Examination,
): Finding {
  const why = [`${what} is refused: ${answer.reason} (${answer.errno})`];
  switch (answer.errno) {
    case 'ENOMEM':
    case 'ENOBUFS':
      return failed(
        [...why, 'net.core.optmem_max leaves no room even for the smallest program'],
        [MORE_MEMORY],
      );
    case 'EAFNOSUPPORT':
      return failed([...why, 'neither IPv4 nor IPv6 sockets can be made'], [FAMILIES]);
    case 'ENOPROTOOPT':
      return failed([...why, 'this kernel does not know the socket option; Linux 4.6 does'], []);
    default:
      return failed(
        [
          ...why,
          seccomp
            ? 'a seccomp filter is in force (Seccomp: 2): perhaps that of tier steer, if this runs below alfwrapper'
            : 'no privilege is needed for it: a security module or the kernel itself refuses',
        ],
        seccomp ? [SYSTEM_CALLS] : [],
      );
  }
}

const FAMILIES: Unlock = {
  where: 'in a system unit',
  line: 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
};
