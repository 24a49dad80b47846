import { assemble } from '../bpf/cbpf/index.js';
import { toHex } from '../bpf/values/index.js';
import { AlfError } from '../errors/index.js';
import { formatListenAddress, type InternetSpec, isUnix, type ListenSpec, socketKind } from '../net/index.js';
import type { Capabilities, FilterInput } from './capabilities.js';
import { anySocket, compileIntercepted } from './compile-intercepted.js';
import type { Config, InterceptionRequest, Tier } from './config.js';
import type { PlannedIdentity } from './identity-step.js';
import { assertNewPrivileges, chooseMechanism } from './interceptable.js';
import type { PlannedDeclaration, PlannedInterception } from './plan.js';
import { scopeOf } from './scope.js';
import { type FilterSource, pickTier } from './tiers.js';

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
  const mechanism = chooseMechanism(config, source, capabilities);
  if (request.newPrivileges) assertNewPrivileges(identity, capabilities);
  const { tcp, udp } = pickTiers(mechanism, config, source, capabilities);
  const exempt = udp === 'ebpf' && filter.policy !== undefined;
  const localPorts = exempt ? undefined : capabilities.interception?.localPorts;
  const clients = { mechanism, declared, ...(localPorts === undefined ? {} : { clientPorts: localPorts }) };
  const programOf = (tier: Tier, type: InternetSpec['type']) =>
    compileFilter(source, tier, type, clients, capabilities);
  const { undeclared, newPrivileges, verbose } = request;
  return {
    interception: {
      ...{ ...clients, undeclared, newPrivileges, verbose },
      tcp: { tier: tcp, ...programOf(tcp, 'stream') },
      udp: { tier: udp, ...programOf(udp, 'datagram') },
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

function pickTiers(
  mechanism: PlannedInterception['mechanism'],
  config: Config,
  source: FilterSource,
  capabilities: Capabilities,
): { readonly tcp: Tier; readonly udp: PlannedInterception['udp']['tier'] } {
  const pick = (type: InternetSpec['type'], tier: Config['tier']) => {
    const label = `${type === 'stream' ? 'TCP' : 'UDP'} sockets of the program`;
    return pickTier({ label }, anySocket(type), { ...config, tier }, source, capabilities);
  };
  const wanted = mechanism === 'create' ? 'steer' : config.tier;
  // There is nothing to steer on UDP: the tier that needs no privilege is `classic`.
  const udp = pick('datagram', wanted === 'steer' ? 'classic' : wanted);
  return { tcp: pick('stream', wanted), udp: udp === 'ebpf' ? 'ebpf' : 'classic' };
}

function compileFilter(
  { policy }: FilterSource,
  tier: Tier,
  type: InternetSpec['type'],
  clients: Parameters<typeof compileIntercepted>[3],
  capabilities: Capabilities,
): { readonly program?: string; readonly spread?: number } {
  if (tier === 'ebpf' || policy === undefined) return {};
  const { program, spread } = compileIntercepted(policy(), tier, type, clients, capabilities);
  return { program: toHex(assemble(program)), ...(spread === undefined ? {} : { spread }) };
}
