import { assemble } from '../bpf/cbpf/index.js';
import { toHex } from '../bpf/values/index.js';
import { type CompiledPolicy, compilePolicy } from '../compile/classic/index.js';
import type { InternetSpec } from '../net/index.js';
import { interfaceNames, type Policy } from '../policy/index.js';
import type { Capabilities } from './capabilities.js';

/** What a steering program returns for a denied connection: the sink's place in the reuseport group. */
export const SINK_INDEX = 0;

/** What a steering program returns for an allowed connection: the listener's place in the reuseport group. */
export const LISTENER_INDEX = 1;

/** What a socket filter returns to keep a packet whole. */
const KEEP = 0xffffffff;
const DROP = 0;

/**
 * Compiles a policy to the classic program of a listener.
 *
 * @param tier whether the program returns how much of a packet to keep, or an index into a reuseport group
 * @returns array of `struct sock_filter`, as hexadecimal digits
 * @throws AlfError ALF_CAPACITY if it does not fit into classic BPF, ALF_RULE for an interface that does not exist
 */
export function compileClassic(
  policy: Policy,
  tier: 'classic' | 'steer',
  socket: InternetSpec,
  capabilities: Capabilities,
): string {
  return toHex(assemble(compileFor(policy, tier, socket, capabilities).program));
}

/** The same program before it is assembled, for listings. */
export function compileFor(
  policy: Policy,
  tier: 'classic' | 'steer',
  socket: InternetSpec,
  capabilities: Capabilities,
): CompiledPolicy {
  return compilePolicy(policy, {
    ...(tier === 'steer'
      ? { mode: 'reuseport', allow: LISTENER_INDEX, deny: SINK_INDEX }
      : { mode: 'socket', allow: KEEP, deny: DROP }),
    protocol: socket.type === 'stream' ? 'tcp' : 'udp',
    ifindexOf: interfacesOf(policy, capabilities),
    optmemMax: capabilities.optmemMax,
  });
}

/** The program that drops every packet, for a socket whose packets have no fields that rules match. */
export function denyAll(): string {
  return toHex(assemble([{ op: 'retK', k: DROP }]));
}

/** The indexes of the interfaces that a policy names, those that do not exist left out. */
export function interfacesOf(
  policy: Policy,
  capabilities: Pick<Capabilities, 'interfaces'>,
): Map<string, number> {
  const indexes = new Map<string, number>();
  for (const name of interfaceNames(policy)) {
    const index = capabilities.interfaces.get(name)?.index;
    if (index !== undefined) indexes.set(name, index);
  }
  return indexes;
}
