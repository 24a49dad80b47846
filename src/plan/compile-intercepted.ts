import { type CompiledPolicy, exemptPorts, spreadListeners } from '../compile/classic/index.js';
import type { InternetSpec } from '../net/index.js';
import type { Policy } from '../policy/index.js';
import type { Capabilities } from './capabilities.js';
import { compileFor } from './classic.js';
import type { PlannedInterception } from './plan.js';

/** A program for sockets that the target opens. */
export interface InterceptedPolicy extends CompiledPolicy {
  /** Tier `steer`: index of the instruction whose operand is the number of listeners. */
  readonly spread?: number;
}

/** What the ports of clients depend on. */
type Clients = Pick<PlannedInterception, 'mechanism' | 'clientPorts' | 'declared'>;

/**
 * Compiles a policy to the classic program of the TCP or UDP sockets that the target opens.
 *
 * Where the companion creates the sockets, UDP clients have the filter as well: it passes the ports of clients.
 *
 * @throws AlfError ALF_CAPACITY if it does not fit, ALF_RULE for an interface that does not exist
 */
export function compileIntercepted(
  policy: Policy,
  tier: 'classic' | 'steer',
  type: InternetSpec['type'],
  { mechanism, clientPorts, declared }: Clients,
  capabilities: Capabilities,
): InterceptedPolicy {
  const compiled = compileFor(policy, tier, anySocket(type), capabilities);
  const { optmemMax } = capabilities;
  if (tier === 'steer') return spreadListeners(compiled, optmemMax);
  if (type === 'stream' || mechanism === 'fetch' || clientPorts === undefined) return compiled;
  const ports = declared.flatMap(({ socket }) => (socket.type === 'datagram' ? [socket.port] : []));
  // Port 0 declares each port.
  if (ports.includes(0)) return compiled;
  const [first, last] = clientPorts;
  return exemptPorts(compiled, { first, last, except: ports }, optmemMax);
}

/** The sockets of a program may have any address: `[::]`, port 0. */
export function anySocket(type: InternetSpec['type']): InternetSpec {
  return { type, address: { family: 6, bytes: new Array(16).fill(0), zone: '' }, port: 0 };
}
