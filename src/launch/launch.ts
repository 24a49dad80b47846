import { formatActivation } from '../activation/index.js';
import { identityEnvironment, type Target, throughAcceptor, withVariables } from '../exec/index.js';
import type { LoadedFilter } from '../filter/index.js';
import type { Constants, LaunchFailure, Ops } from '../kernel/index.js';
import { decodeSockaddr, type Endpoint, formatEndpoint } from '../net/index.js';
import {
  type Credentials,
  describeStep,
  isUnixListener,
  type Plan,
  type PlannedListener,
} from '../plan/index.js';
import { changesOf } from './changes.js';
import { encodePlan } from './encode-plan.js';
import { encodeTarget } from './encode-target.js';
import { type FailureContext, throwFailure } from './failure.js';
import { describeRemoved } from './removed.js';

/** No descriptor: the kernel refuses to attach it. */
const NO_PROGRAM = -1;

/** Hexadecimal digits of one `struct sock_filter`. */
const INSN_DIGITS = 16;

/** The first process of a PID namespace. */
const INIT = 1;

/** The kernel does not kill it for the companion's sake, for it was not asked from outside of the namespace. */
const AS_INIT =
  'process 1 continues without a filter if both processes of the companion are killed: start alfwrapper below an init (docker run --init)';

/** An established connection. */
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** What a launch needs beside the plan: bytes and state that have no place in it. */
export interface Resources {
  /** The filter, where tier `ebpf` is in use. It stays the caller's to close. */
  readonly loaded: LoadedFilter | undefined;
  /** The target but for what its environment says of sockets and of the user. */
  readonly target: Omit<Target, 'path'>;
  /** Finds the program, as the user that this process is when it is called. */
  readonly findProgram: () => Uint8Array;
  readonly credentials: Credentials;
  readonly pid: number;
  /** Paths of executables of ours. */
  readonly companion: string;
  readonly acceptor: string;
  /** Whether the rules allow every packet of a connection. Undefined if only the filter itself can say. */
  readonly isAllowed: ((connection: Connection) => boolean) | undefined;
  /** Takes one line of warning for the user. */
  readonly warn: (line: string) => void;
  /** Takes one line about a step that is done. */
  readonly report: ((line: string) => void) | undefined;
}

/**
 * Does what the plan says, in order, and becomes the target.
 *
 * Ends with an error, or returns where native calls only pretend (scripts/code-cache.cjs). Everything it has opened is closed
 * then, and nothing has been exec'd.
 *
 * @throws AlfError
 */
export function launch(plan: Plan, resources: Resources, ops: Ops): void {
  const { core } = ops;
  const { companion, loaded, report, warn } = resources;
  const changes = changesOf(plan, core.constants, resources.credentials);
  const context: FailureContext = { plan, changes, companion };
  const encoded = encodePlan(plan, { constants: core.constants, changes, companion });
  try {
    const opened = core.launchOpen(encoded, loaded?.programFd ?? NO_PROGRAM);
    if (report !== undefined) reportListeners(plan, opened.bound, core.constants, loaded, report);
    if (opened.companion > 0) {
      report?.(`companion is process ${opened.companion}`);
      if (resources.pid === INIT) warn(AS_INIT);
    }
    if (opened.failure !== undefined) throwFailure(opened.failure, context);
    reportChanges(plan, report);
    const target = activated(plan, resources, ops);
    const settled = core.launchSettle(connectionTest(resources, core.constants));
    if (report !== undefined) reportGuard(plan, settled.failure, report);
    for (const removed of settled.removed) warn(describeRemoved(plan, removed));
    if (settled.failure !== undefined) throwFailure(settled.failure, context);
    const refused = core.launchHandover(encodeTarget(target));
    if (refused !== undefined) throwFailure(refused, context);
  } finally {
    core.launchClose();
  }
}

function reportListeners(
  plan: Plan,
  bound: readonly Uint8Array[],
  constants: Constants,
  filter: LoadedFilter | undefined,
  report: (line: string) => void,
): void {
  for (const [index, sockaddr] of bound.entries()) {
    const listener = plan.listeners[index];
    if (listener !== undefined) report(describe(plan, listener, sockaddr, constants, filter));
  }
}

/** Steps that a launch without seccomp program does not have. */
const GUARD_STEPS: readonly string[] = ['guard', 'intercept', 'supervise'];

function reportGuard(
  { guard, interception }: Plan,
  failure: LaunchFailure | undefined,
  report: (line: string) => void,
): void {
  if (failure !== undefined && GUARD_STEPS.includes(failure.step)) return;
  const privileges = ', and gains no privileges (no_new_privs)';
  if (interception === undefined) {
    if (guard !== undefined) report(`the program cannot take steering off${privileges}`);
    report('sockets that the program opens itself are not filtered');
    return;
  }
  const { mechanism, tcp, udp, undeclared, newPrivileges } = interception;
  const others = undeclared === 'filter' ? 'filtered too' : 'refused';
  report(`sockets that the program opens are filtered: TCP by tier ${tcp.tier}, UDP by tier ${udp.tier}`);
  report(`sockets that are not declared are ${others}`);
  if (mechanism === 'create') report('sockets are created by the companion, which may not fetch them');
  report(`the program cannot take filters off${newPrivileges ? '' : privileges}`);
}

function reportChanges({ identity, drop }: Plan, report: Resources['report']): void {
  for (const step of identity?.steps ?? []) report?.(describeStep(step));
  if (drop.capabilities.length > 0) report?.(`dropped ${drop.capabilities.join(', ')}`);
}

/** What the runtime asks about a connection, by its two sockaddr. */
function connectionTest({ isAllowed }: Resources, constants: Constants) {
  if (isAllowed === undefined) return undefined;
  return (peer: Uint8Array, own: Uint8Array) => {
    const [from, to] = [peer, own].map((sockaddr) => decodeSockaddr(sockaddr, constants));
    return from !== undefined && to !== undefined && isAllowed({ from, to });
  };
}

function activated(plan: Plan, resources: Resources, ops: Ops): Target {
  const { target, pid } = resources;
  const path = resources.findProgram();
  const fdnames = plan.listeners.map(({ fdname }) => fdname);
  const variables = formatActivation({ pid, fdnames, pidfdId: ops.core.pidfdId() });
  // The command line's variables override HOME and the like too.
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
  plan: Plan,
  listener: PlannedListener,
  sockaddr: Uint8Array,
  constants: Constants,
  filter: LoadedFilter | undefined,
): string {
  const where = `${listener.label}${picked(listener, sockaddr, constants)}`;
  if (listener.tier === 'none') return `${where}: no filter, the rules allow every packet, fd ${listener.fd}`;
  const lock = listener.lock ? 'locked' : 'not locked';
  const program =
    listener.tier === 'ebpf' && filter !== undefined
      ? `program ${filter.programId}`
      : `${(listener.program ?? '').length / INSN_DIGITS} instructions`;
  return `${where}: tier ${listener.tier}, filter ${plan.filter.name} (${program}), ${lock}, fd ${listener.fd}`;
}

/** Where the kernel has picked the port: the address with it. */
function picked(listener: PlannedListener, sockaddr: Uint8Array, constants: Constants): string {
  if (isUnixListener(listener) || listener.socket.port !== 0) return '';
  const endpoint = decodeSockaddr(sockaddr, constants);
  return endpoint === undefined ? '' : ` (${formatEndpoint(endpoint)})`;
}
