import { isUnix, socketKind } from '../net/index.js';
import type { Capabilities, CapabilityName } from './capabilities.js';
import type { IdentityStep, PlannedIdentity } from './identity-step.js';
import type { Plan, PlannedInterception, PlannedListener } from './plan.js';

const FIRST_UNPRIVILEGED_PORT = 1024;

/** Socket options that one of two capabilities lets set, or that the first lifts a limit of. @see socket(7), ip(7) */
const NET_RAW_OPTIONS = ['SO_MARK', 'IP_TRANSPARENT', 'IPV6_TRANSPARENT', 'SO_BINDTODEVICE'];
const NET_ADMIN_OPTIONS = [...NET_RAW_OPTIONS, 'SO_PRIORITY', 'SO_RCVBUFFORCE', 'SO_SNDBUFFORCE'];

/** A process, as far as its capabilities go. */
export type Capable = Pick<Capabilities, 'credentials' | 'capabilityNumbers'>;

/** Whether we have a capability and it counts, as far as this process can see. */
export function inEffect(name: CapabilityName, { credentials, capabilityNumbers }: Capable): boolean {
  return has(credentials.effective, capabilityNumbers[name]);
}

/** Whether we, or what we start, could get a capability: what is in the bounding set. */
export function inBoundingSet(name: CapabilityName, { credentials, capabilityNumbers }: Capable): boolean {
  return has(credentials.bounding, capabilityNumbers[name]);
}

/** Whether a program of ours may read the kernel's memory, and is not guarded against speculation. */
export function canReadKernelMemory(capabilities: Capable): boolean {
  return inEffect('CAP_PERFMON', capabilities) || inEffect('CAP_SYS_ADMIN', capabilities);
}

function has(set: bigint, capability: number): boolean {
  return ((set >> BigInt(capability)) & 1n) === 1n;
}

/**
 * Which capabilities must not reach the target: those that were lent to us as ambient ones and that we had a use for.
 *
 * Root is left alone: it would regain every capability at the exec anyway, and the target may count on being root. Where
 * the program's identity comes without capabilities, nothing is left to drop.
 */
export function planDrop(
  listeners: readonly PlannedListener[],
  interception: PlannedInterception | undefined,
  identity: PlannedIdentity | undefined,
  capabilities: Capabilities,
): Plan['drop'] {
  const takes = (step: IdentityStep['step']) => identity?.steps.some((taken) => taken.step === step) === true;
  if (takes('dropCapabilities')) return { capabilities: [], bounding: false };
  const { credentials, capabilityNumbers } = capabilities;
  const privileged = listeners.some(
    ({ socket }) => !isUnix(socket) && socket.port > 0 && socket.port < FIRST_UNPRIVILEGED_PORT,
  );
  const classicTcp =
    interception?.tcp.tier === 'classic' ||
    listeners.some(({ tier, socket }) => tier === 'classic' && socketKind(socket) === 'tcp');
  const sets = (names: readonly string[]) =>
    listeners.some(({ options }) => options.some(({ name }) => names.includes(name)));
  const uses: Readonly<Record<CapabilityName, boolean>> = {
    // Even where another tier was taken: it and CAP_PERFMON were lent to load a filter.
    CAP_BPF: true,
    CAP_NET_ADMIN: classicTcp || sets(NET_ADMIN_OPTIONS),
    CAP_NET_BIND_SERVICE: privileged,
    CAP_NET_RAW: sets(NET_RAW_OPTIONS),
    CAP_PERFMON: true,
    CAP_SETGID: takes('setgid'),
    CAP_SETPCAP: false,
    CAP_SETUID: takes('setuid'),
    CAP_SYS_ADMIN: false,
    // The companion, which has it from its start, fetches sockets with it.
    CAP_SYS_PTRACE: interception?.mechanism === 'fetch',
  };
  const used = (Object.keys(uses) as CapabilityName[]).filter((name) => uses[name]);
  const dropped =
    credentials.uid === 0 ? [] : used.filter((name) => has(credentials.ambient, capabilityNumbers[name]));
  return { capabilities: dropped, bounding: dropped.length > 0 && inEffect('CAP_SETPCAP', capabilities) };
}
