import { formatActivation } from '../activation/index.js';
import {
  type Adopted,
  becomeTarget,
  changeIdentity,
  dropCapabilities,
  guardSteering,
  identityEnvironment,
  type Target,
  throughAcceptor,
  withVariables,
} from '../exec/index.js';
import type { LoadedFilter } from '../filter/index.js';
import type { CoreOps, Ops, OwnedFd } from '../kernel/index.js';
import { formatEndpoint } from '../net/index.js';
import {
  type Credentials,
  describeStep,
  isUnixListener,
  type Plan,
  type PlannedListener,
} from '../plan/index.js';
import {
  type AdoptedListener,
  type Attach,
  adoptListener,
  attachClassic,
  attachEbpf,
  boundEndpoint,
  drainBacklogs,
  type IsAllowed,
  type OpenedListener,
  openListener,
  openSteeredListener,
  type Removed,
  type SteeredListener,
  startCompanion,
} from '../socket/index.js';

/** No descriptor: the kernel refuses to attach it. */
const NO_PROGRAM = -1;

/** Hexadecimal digits of one `struct sock_filter`. */
const INSN_DIGITS = 16;

/** The first process of a PID namespace. */
const INIT = 1;

/** The kernel does not kill it for the companion's sake, for it was not asked from outside of the namespace. */
const AS_INIT =
  'process 1 goes on without a filter if both processes of the companion are killed: start alfwrapper below an init (docker run --init)';

/** What a launch needs beside the plan: bytes and state that have no place in it. */
export interface Resources {
  /** The filter, where tier `ebpf` is in use. It stays the caller's to close. */
  readonly loaded: LoadedFilter | undefined;
  /** The target but for what its environment says of sockets and of the user. */
  readonly target: Omit<Target, 'path'>;
  /** Finds the program, as whoever we are when it is called. */
  readonly findProgram: () => Uint8Array;
  readonly credentials: Credentials;
  readonly pid: number;
  /** Paths of executables of ours. */
  readonly companion: string;
  readonly acceptor: string;
  /** Undefined if only the filter itself can say. */
  readonly isAllowed: IsAllowed | undefined;
  /** Takes one line about something that whoever runs this should know. */
  readonly warn: (line: string) => void;
  /** Takes one line about a step that is done; without it nothing is found out only to be said. */
  readonly report: ((line: string) => void) | undefined;
}

/**
 * Does what the plan says, in order, and becomes the target.
 *
 * Comes back only with an error; everything it has opened is closed then, and nothing has been exec'd.
 *
 * @throws AlfError
 */
export function launch(plan: Plan, resources: Resources, ops: Ops): void {
  const { core } = ops;
  const { loaded, report, warn } = resources;
  const opened: { close(): void }[] = [];
  try {
    const sockets = plan.listeners.map((listener) => {
      const socket = own(opened, open(core, listener, loaded));
      report?.(describe(core, plan, listener, socket.listener, loaded));
      return socket;
    });
    const steered = sockets.filter(isSteered);
    if (steered.length > 0) {
      const pid = startCompanion(core, resources.companion, steered, userOf(plan));
      report?.(`companion is process ${pid}`);
      if (resources.pid === INIT) warn(AS_INIT);
    }
    // What was passed in is not ours alone: it comes last, and each step can be undone but for the two at the very end.
    const adopted = sockets.filter(isAdopted);
    for (const socket of adopted) own(opened, socket.attach());
    if (plan.identity !== undefined) {
      changeIdentity(core, plan.identity);
      for (const step of plan.identity.steps) report?.(describeStep(step));
    }
    dropCapabilities(core, plan.drop, resources.credentials);
    if (plan.drop.capabilities.length > 0) report?.(`dropped ${plan.drop.capabilities.join(', ')}`);
    const target = activated(plan, resources, ops);
    const descriptors = sockets.map(({ listener }) => listener.fd);
    if (plan.listeners.some(({ tier, lock }) => tier === 'steer' && lock)) {
      guardSteering(core);
      report?.('the program cannot take steering off, and gains no privileges (no_new_privs)');
    }
    for (const removed of drainBacklogs(core, adopted, resources.isAllowed)) warn(describeRemoved(removed));
    becomeTarget(core, target, descriptors, filteredIn(adopted));
  } catch (error) {
    for (const resource of opened.reverse()) resource.close();
    throw error;
  }
}

function open(
  core: CoreOps,
  plan: PlannedListener,
  filter: LoadedFilter | undefined,
): OpenedListener | SteeredListener | AdoptedListener {
  if (plan.tier === 'steer') return openSteeredListener(core, plan, programOf(plan));
  const attach = attachment(core, plan, filter);
  return plan.inherited === true ? adoptListener(core, plan, attach) : openListener(core, plan, attach);
}

function attachment(
  core: CoreOps,
  plan: PlannedListener,
  filter: LoadedFilter | undefined,
): Attach | undefined {
  if (plan.tier === 'none') return undefined;
  return plan.tier === 'ebpf'
    ? attachEbpf(core, plan, filter?.programFd ?? NO_PROGRAM)
    : attachClassic(core, plan, programOf(plan));
}

function programOf({ program = '' }: PlannedListener): Uint8Array {
  return Buffer.from(program, 'hex');
}

function describeRemoved({ plan, count, reason }: Removed): string {
  const [done, what] = plan.socket.type === 'datagram' ? ['discarded', 'datagram'] : ['reset', 'connection'];
  return `${plan.label}: ${done} ${count} ${what}${count === 1 ? '' : 's'} that arrived before the filter: ${reason}`;
}

function filteredIn(adopted: readonly AdoptedListener[]): Adopted {
  const filtered = adopted.filter(({ plan }) => plan.tier !== 'none');
  return { fds: filtered.map(({ listener }) => listener.fd), lock: filtered.some(({ plan }) => plan.lock) };
}

function isAdopted(socket: OpenedListener): socket is AdoptedListener {
  return 'attach' in socket;
}

function isSteered(socket: OpenedListener): socket is SteeredListener {
  return 'sink' in socket;
}

function own<T extends { close(): void }>(opened: { close(): void }[], resource: T): T {
  opened.push(resource);
  return resource;
}

/** The user the target is going to be, undefined if it stays who we are. */
function userOf({ identity }: Plan): number | undefined {
  return identity?.steps.find((step) => step.step === 'setuid')?.uid;
}

function activated(plan: Plan, resources: Resources, ops: Ops): Target {
  const { target, pid } = resources;
  const path = resources.findProgram();
  const fdnames = plan.listeners.map(({ fdname }) => fdname);
  const variables = formatActivation({ pid, fdnames, pidfdId: ops.core.pidfdId() });
  // What was asked for has the last word, over HOME and the like too.
  const environment =
    plan.identity === undefined
      ? target.environment
      : withVariables(identityEnvironment(target.environment, plan.identity), plan.environment);
  const direct = {
    ...target,
    path,
    environment: [...environment, ...variables.map((variable) => Buffer.from(variable))],
  };
  return plan.passing === undefined ? direct : throughAcceptor(direct, plan.passing, resources.acceptor);
}

function describe(
  core: CoreOps,
  plan: Plan,
  listener: PlannedListener,
  socket: OwnedFd,
  filter: LoadedFilter | undefined,
): string {
  const where = `${listener.label}${picked(core, listener, socket)}`;
  if (listener.tier === 'none') return `${where}: no filter, the rules allow everybody, fd ${listener.fd}`;
  const lock = listener.lock ? 'locked' : 'not locked';
  const program =
    listener.tier === 'ebpf' && filter !== undefined
      ? `program ${filter.programId}`
      : `${(listener.program ?? '').length / INSN_DIGITS} instructions`;
  return `${where}: tier ${listener.tier}, filter ${plan.filter.name} (${program}), ${lock}, fd ${listener.fd}`;
}

/** Where the kernel has picked the port: the address with it. */
function picked(core: CoreOps, listener: PlannedListener, socket: OwnedFd): string {
  if (isUnixListener(listener) || listener.socket.port !== 0) return '';
  return ` (${formatEndpoint(boundEndpoint(core, listener, socket.fd))})`;
}
