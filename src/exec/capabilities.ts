import { type CoreOps, check } from '../kernel/index.js';
import type { Credentials, Plan } from '../plan/index.js';

/**
 * Drops capabilities from the ambient, bounding, inheritable, permitted and effective set, in that order: the bounding
 * set can only be lowered while CAP_SETPCAP is still there.
 *
 * @throws AlfError ALF_CAPABILITY
 */
export function dropCapabilities(core: CoreOps, drop: Plan['drop'], credentials: Credentials): void {
  if (drop.capabilities.length === 0) return;
  for (const name of drop.capabilities) {
    const capability = core.constants[name];
    check(core.lowerAmbient(capability), 'ALF_CAPABILITY', `take ${name} out of the ambient set`);
    if (drop.bounding)
      check(core.dropBounding(capability), 'ALF_CAPABILITY', `take ${name} out of the bounding set`);
  }
  const gone = drop.capabilities.reduce((mask, name) => mask | (1n << BigInt(core.constants[name])), 0n);
  const { effective, permitted, inheritable } = credentials;
  const status = core.capset(effective & ~gone, permitted & ~gone, inheritable & ~gone);
  check(status, 'ALF_CAPABILITY', `drop ${drop.capabilities.join(', ')}`);
}
