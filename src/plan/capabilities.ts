import type { Config } from './config.js';
import type { CapabilityName, Facts } from './facts.js';
import type { Plan } from './plan.js';

const FIRST_UNPRIVILEGED_PORT = 1024;

/**
 * Which capabilities must not reach the target: those that were lent to us as ambient ones and that we had a use for.
 *
 * Root is left alone: it would regain every capability at the exec anyway, and the target may count on being root.
 */
export function planDrop(config: Config, facts: Facts): Plan['drop'] {
  const { credentials, capabilityNumbers } = facts;
  const has = (set: bigint, name: CapabilityName) => ((set >> BigInt(capabilityNumbers[name])) & 1n) === 1n;
  const privileged = config.listeners.some(({ port }) => port > 0 && port < FIRST_UNPRIVILEGED_PORT);
  const used: CapabilityName[] = ['CAP_BPF', ...(privileged ? (['CAP_NET_BIND_SERVICE'] as const) : [])];
  const capabilities = credentials.uid === 0 ? [] : used.filter((name) => has(credentials.ambient, name));
  return { capabilities, bounding: capabilities.length > 0 && has(credentials.effective, 'CAP_SETPCAP') };
}
