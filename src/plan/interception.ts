import { assemble } from '../bpf/cbpf/index.js';
import { toHex } from '../bpf/values/index.js';
import { type SpreadPolicy, spreadListeners } from '../compile/classic/index.js';
import { AlfError } from '../errors/index.js';
import {
  type Address,
  formatListenAddress,
  type InternetSpec,
  isUnix,
  type ListenSpec,
  socketKind,
} from '../net/index.js';
import type { Policy } from '../policy/index.js';
import type { Capabilities, FilterInput } from './capabilities.js';
import { compileFor } from './classic.js';
import type { Config, InterceptionRequest } from './config.js';
import type { PlannedIdentity } from './identity-step.js';
import { assertInterceptable, assertNewPrivileges } from './interceptable.js';
import type { PlannedDeclaration, PlannedInterception } from './plan.js';
import { scopeOf } from './scope.js';
import { chooseTier, type FilterSource } from './tiers.js';

/** `[::]`: the sockets of a program may have any address. */
const ANY: Address = { family: 6, bytes: new Array(16).fill(0), zone: '' };

/** What is planned for the sockets that the program opens. */
export interface InterceptionPlan {
  readonly interception: PlannedInterception | undefined;
  /** One line each. */
  readonly warnings: readonly string[];
}

/**
 * Decides how the sockets that the program opens itself are filtered: the tiers and programs of TCP and UDP, and the ports
 * of UDP sockets that are clients.
 *
 * @param filter whose rules, if it judges by rules, exempt clients on tier `ebpf`
 * @throws AlfError ALF_INTERCEPT if they cannot be intercepted here, ALF_TIER if a filter cannot be enforced, ALF_CAPACITY for
 *   rules that do not fit, ALF_USAGE for requests that exclude each other
 */
export function planInterception(
  config: Config,
  filter: Pick<FilterInput, 'policy'>,
  source: FilterSource,
  identity: PlannedIdentity | undefined,
  capabilities: Capabilities,
): InterceptionPlan {
  const request = requested(config, capabilities);
  if (request === undefined) return { interception: undefined, warnings: [] };
  if (!config.lock) {
    throw new AlfError('ALF_USAGE', 'filters of sockets that the program opens are always locked', {
      remedy: { kind: 'lock' },
    });
  }
  const declared = request.declared.map((spec) => declare(spec, capabilities));
  assertInterceptable(capabilities);
  if (request.newPrivileges) assertNewPrivileges(identity, capabilities);
  const udp = planUdp(config, source, capabilities);
  const exempt = udp.tier === 'ebpf' && filter.policy !== undefined;
  const localPorts = capabilities.interception?.localPorts;
  const { undeclared, newPrivileges, verbose } = request;
  return {
    interception: {
      mechanism: 'fetch',
      undeclared,
      declared,
      tcp: planTcp(config, source, capabilities),
      udp,
      ...(exempt || localPorts === undefined ? {} : { clientPorts: localPorts }),
      newPrivileges,
      verbose,
    },
    warnings: exempt || localPorts !== undefined ? [] : [NO_CLIENTS],
  };
}

const NO_CLIENTS =
  'UDP sockets of clients are filtered too: net.ipv4.ip_local_port_range, which tells their ports, cannot be read';

/** Whether sockets are intercepted: rules without a listener are for sockets that were passed in, if there are any. */
function requested(
  { interception }: Config,
  { inherited }: Pick<Capabilities, 'inherited'>,
): InterceptionRequest | undefined {
  return interception?.implied === true && inherited.length > 0 ? undefined : interception;
}

function declare(spec: ListenSpec, capabilities: Capabilities): PlannedDeclaration {
  const label = `${socketKind(spec)} ${formatListenAddress(spec)}`;
  if (isUnix(spec)) {
    throw new AlfError(
      'ALF_USAGE',
      `${label} cannot be declared: the program's UNIX sockets are not filtered`,
      {
        hint: 'there is nothing to declare; the permissions of its file say who may connect',
      },
    );
  }
  const { anyAddress: _, ...socket } = spec;
  return { label, socket, scopeId: scopeOf(socket, capabilities) };
}

function anySocket(type: InternetSpec['type']): InternetSpec {
  return { type, address: ANY, port: 0 };
}

function planTcp(
  config: Config,
  source: FilterSource,
  capabilities: Capabilities,
): PlannedInterception['tcp'] {
  const label = 'TCP sockets of the program';
  const socket = anySocket('stream');
  const { policy } = source;
  const planned = chooseTier({ label }, socket, config, source, capabilities);
  if (planned.tier !== 'steer' || policy === undefined) return planned;
  const { program, spread } = compileSpread(policy(), capabilities);
  return { tier: 'steer', program: toHex(assemble(program)), spread };
}

/**
 * Compiles the steering program of the groups that the companion opens.
 *
 * @throws AlfError ALF_CAPACITY if it does not fit
 */
export function compileSpread(policy: Policy, capabilities: Capabilities): SpreadPolicy {
  return spreadListeners(
    compileFor(policy, 'steer', anySocket('stream'), capabilities),
    capabilities.optmemMax,
  );
}

/** There is nothing to steer on UDP: the tier that needs no privilege is `classic`. */
function planUdp(
  config: Config,
  source: FilterSource,
  capabilities: Capabilities,
): PlannedInterception['udp'] {
  const tier = config.tier === 'steer' ? 'classic' : config.tier;
  const label = 'UDP sockets of the program';
  const planned = chooseTier({ label }, anySocket('datagram'), { ...config, tier }, source, capabilities);
  return planned.tier === 'ebpf' ? { tier: 'ebpf' } : { ...planned, tier: 'classic' };
}
