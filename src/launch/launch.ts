import { formatActivation } from '../activation/index.js';
import { type LoadedFilter, loadFilter } from '../ebpf/index.js';
import { becomeTarget, dropCapabilities, type Target } from '../exec/index.js';
import type { Ops, OwnedFd } from '../native/index.js';
import { formatEndpoint } from '../net/index.js';
import type { Credentials, Plan, PlannedListener } from '../plan/index.js';
import { boundEndpoint, openListener } from '../socket/index.js';

/** What a launch needs beside the plan: bytes and state that have no place in it. */
export interface Resources {
  /** The bytes of the filter's object, as the plan was made from. */
  readonly object: Uint8Array;
  /** The target but for the LISTEN_* variables. */
  readonly target: Target;
  readonly credentials: Credentials;
  readonly pid: number;
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
  const opened: { close(): void }[] = [];
  try {
    const filter = own(opened, loadFilter(ops.bpf(), resources.object, plan.filter));
    const listeners = plan.listeners.map((listener) => {
      const socket = own(opened, openListener(ops.core, listener, filter.programFd));
      resources.report?.(describe(ops, plan, listener, socket, filter));
      return socket;
    });
    dropCapabilities(ops.core, plan.drop, resources.credentials);
    if (plan.drop.capabilities.length > 0) resources.report?.(`dropped ${plan.drop.capabilities.join(', ')}`);
    const target = activated(plan, resources, ops);
    const descriptors = listeners.map(({ fd }) => fd);
    becomeTarget(ops.core, target, descriptors);
  } catch (error) {
    for (const resource of opened.reverse()) resource.close();
    throw error;
  }
}

function own<T extends { close(): void }>(opened: { close(): void }[], resource: T): T {
  opened.push(resource);
  return resource;
}

function activated(plan: Plan, resources: Resources, ops: Ops): Target {
  const { target, pid } = resources;
  const fdnames = plan.listeners.map(({ fdname }) => fdname);
  const variables = formatActivation({ pid, fdnames, pidfdId: ops.core.pidfdId() });
  return {
    ...target,
    environment: [...target.environment, ...variables.map((variable) => Buffer.from(variable))],
  };
}

function describe(
  ops: Ops,
  plan: Plan,
  listener: PlannedListener,
  socket: OwnedFd,
  filter: LoadedFilter,
): string {
  const lock = listener.lock ? 'locked' : 'not locked';
  const picked =
    listener.socket.port === 0 ? ` (${formatEndpoint(boundEndpoint(ops.core, listener, socket.fd))})` : '';
  return `${listener.label}${picked}: tier ${listener.tier}, filter ${plan.filter.name} (program ${filter.programId}), ${lock}, fd ${listener.fd}`;
}
