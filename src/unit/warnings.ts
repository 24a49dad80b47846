import type { Finding } from './findings.js';
import type { SocketUnit, Wrapper } from './loaded-unit.js';
import { canLoadPrograms, startsAsRoot } from './requirements.js';
import { hasCapability } from './sets.js';
import type { Settings } from './settings.js';

/** Node.js starts with 11 threads, and the companion adds two processes. */
const MIN_TASKS = 20;

/** Node.js reserves about 1 GiB of address space. */
const MIN_ADDRESS_SPACE = 2 ** 31;

const SIZES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

type Check = (unit: CheckedUnit) => Finding | undefined;

/** What warnings depend on. */
export interface CheckedUnit {
  /** Its settings with those of the drop-in. */
  readonly service: Settings;
  readonly sockets: readonly SocketUnit[];
  readonly wrapper: Wrapper;
}

const CHECKS: readonly Check[] = [
  ({ service }) =>
    service.last('Type') === 'forking' && service.last('PIDFile') === undefined
      ? {
          text: 'Type=forking without PIDFile=: systemd cannot tell the main process from the companion, so MainPID is unknown',
          remedy: { kind: 'name pid file' },
        }
      : undefined,
  ({ service }) =>
    service.last('KillMode') === 'process'
      ? {
          text: 'KillMode=process: sessions that outlive the service are filtered as well, and setuid programs such as sudo gain no privileges in them',
        }
      : undefined,
  ({ service, wrapper }) =>
    wrapper.tier === 'ebpf' && service.on('PrivateUsers')
      ? { text: 'PrivateUsers=yes: in a user namespace CAP_BPF does not count, so tier ebpf is refused' }
      : undefined,
  ({ service, wrapper }) =>
    wrapper.tier === 'auto' && !canLoadPrograms(service)
      ? {
          text: 'the service has no CAP_BPF: TCP is filtered when a connection opens (tier steer)',
          ...(service.on('PrivateUsers') ? {} : { remedy: { kind: 'lend capability' } }),
        }
      : undefined,
  ({ service }) =>
    startsAsRoot(service) && !hasCapability(service, 'CapabilityBoundingSet', 'CAP_SYS_PTRACE', true)
      ? {
          text: 'CapabilityBoundingSet= lacks CAP_SYS_PTRACE: sockets that the program opens after it changed its user are refused',
        }
      : undefined,
  ({ service }) =>
    service.last('ProcSubset') === 'pid'
      ? { text: 'ProcSubset=pid hides /proc/sys, which says which UDP ports belong to clients' }
      : undefined,
  ({ service }) => {
    const lists = service.list('SystemCallFilter').map(({ value }) => value);
    return lists[0] !== undefined &&
      !lists[0].startsWith('~') &&
      !lists.some((l) => /@system-service\b/.test(l))
      ? { text: 'SystemCallFilter= does not include @system-service, which Node.js needs' }
      : undefined;
  },
  ({ service }) => {
    const key = ['TasksMax', 'LimitNPROC'].find((name) => sizeOf(service, name) < MIN_TASKS);
    return key === undefined
      ? undefined
      : { text: `${key}=${service.last(key)} is too low: Node.js and the companion need ${MIN_TASKS} tasks` };
  },
  ({ service }) => {
    const key = ['LimitAS', 'LimitDATA'].find((name) => sizeOf(service, name) < MIN_ADDRESS_SPACE);
    return key === undefined
      ? undefined
      : { text: `${key}=${service.last(key)} is too low: Node.js needs 2G of address space` };
  },
  ({ sockets }) => {
    const socket = sockets.find(({ accepts }) => accepts);
    return socket === undefined
      ? undefined
      : {
          text: `${socket.name} accepts connections and starts another service for each: those are not filtered`,
        };
  },
  ({ service, sockets }) => {
    const socket = sockets.find(({ accepts }) => !accepts);
    return socket === undefined || canLoadPrograms(service)
      ? undefined
      : {
          text: `sockets of ${socket.name} cannot be filtered on tier steer: without CAP_BPF a start by that socket is refused`,
          remedy: { kind: 'lend capability' },
        };
  },
];

/** The consequences of a drop-in for a unit, those that a start would not report. */
export function warnOf(unit: CheckedUnit): Finding[] {
  return CHECKS.map((check) => check(unit)).filter((finding) => finding !== undefined);
}

/** The soft limit; infinite if it is not set. */
function sizeOf(service: Settings, key: string): number {
  const [, digits, unit = ''] = /^(\d+)([KMGT]?)(?::|$)/.exec(service.last(key) ?? '') ?? [];
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits) * (SIZES[unit] ?? 1);
}
