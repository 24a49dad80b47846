import type { Wrapper } from './loaded-unit.js';
import { allowsFamily, hasCapability } from './sets.js';
import type { Settings } from './settings.js';

/**
 * System calls of a launch and its companion that filters of hardened units lack: @system-service has no bpf, seccomp,
 * pidfd_getfd and @pkey (Node.js), and `~@privileged` removes capset and setfsuid. One of the probes of every launch is bpf(2).
 */
const SYSTEM_CALLS = 'bpf capset pidfd_getfd pidfd_open seccomp setfsuid @pkey';

/** For the companion, for lists of waiting connections, and for the sockets that are probed. */
const FAMILIES = ['AF_UNIX', 'AF_NETLINK', 'AF_INET', 'AF_INET6'] as const;

/** CAP_BPF loads filters; CAP_PERFMON makes them faster. */
const EBPF_CAPABILITIES = ['CAP_BPF', 'CAP_PERFMON'] as const;

/** A setting of a drop-in. */
export type Requirement = readonly [key: string, value: string];

/** Whether the processes of a unit start as root. */
export function startsAsRoot(service: Settings): boolean {
  const user = service.last('User');
  return (user === undefined || user === 'root' || user === '0') && !service.on('DynamicUser');
}

/** Whether a unit can load eBPF programs. In a user namespace its capabilities do not count. */
export function canLoadPrograms(service: Settings): boolean {
  if (service.on('PrivateUsers') || !hasCapability(service, 'CapabilityBoundingSet', 'CAP_BPF', true))
    return false;
  return startsAsRoot(service) || hasCapability(service, 'AmbientCapabilities', 'CAP_BPF', false);
}

/**
 * The settings that a unit lacks to start alfwrapper. All of them add to what the unit allows: their values are appended to
 * lists.
 */
export function missingSettings(service: Settings, wrapper: Wrapper): Requirement[] {
  return [
    ...missingSystemCalls(service),
    ...missingFamilies(service),
    ...missingPaths(service, wrapper),
    ...missingCapabilities(service, wrapper),
    ...missingPidFile(service, wrapper),
  ];
}

function missingSystemCalls(service: Settings): Requirement[] {
  const filters = service.list('SystemCallFilter');
  if (filters.length === 0 || filters.some(({ value }) => value === SYSTEM_CALLS)) return [];
  return [['SystemCallFilter', SYSTEM_CALLS]];
}

function missingFamilies(service: Settings): Requirement[] {
  const missing = FAMILIES.filter((family) => !allowsFamily(service, family));
  return missing.length === 0 ? [] : [['RestrictAddressFamilies', missing.join(' ')]];
}

/** Node.js, the companion and the addons must be executable. */
function missingPaths(service: Settings, { directory, node }: Wrapper): Requirement[] {
  if (service.list('NoExecPaths').length === 0) return [];
  const listed = service.list('ExecPaths').flatMap(({ value }) => value.split(/\s+/));
  const missing = [directory, node].filter((path) => !listed.includes(path));
  return missing.length === 0 ? [] : [['ExecPaths', missing.join(' ')]];
}

function missingCapabilities(service: Settings, { tier }: Wrapper): Requirement[] {
  if (tier !== 'ebpf') return [];
  const lacks = (key: string, unset: boolean) =>
    EBPF_CAPABILITIES.filter((name) => !hasCapability(service, key, name, unset)).join(' ');
  const bounding = lacks('CapabilityBoundingSet', true);
  const ambient = startsAsRoot(service) ? '' : lacks('AmbientCapabilities', false);
  return [
    ...(bounding === '' ? [] : ([['CapabilityBoundingSet', bounding]] as const)),
    ...(ambient === '' ? [] : ([['AmbientCapabilities', ambient]] as const)),
  ];
}

function missingPidFile(service: Settings, { pidFile }: Wrapper): Requirement[] {
  return pidFile === undefined || service.last('PIDFile') === pidFile ? [] : [['PIDFile', pidFile]];
}
