import type { Ops } from '../native/index.js';
import type { Facts } from '../plan/index.js';
import { readCredentials } from './credentials.js';
import { probeTiers } from './tiers.js';

/** Finds out what the plan needs to know of this machine and this process. Changes nothing. */
export function gatherFacts({ core }: Ops): Facts {
  const { CAP_BPF, CAP_NET_BIND_SERVICE, CAP_SETPCAP } = core.constants;
  return {
    credentials: readCredentials(),
    capabilityNumbers: { CAP_BPF, CAP_NET_BIND_SERVICE, CAP_SETPCAP },
    tiers: probeTiers(core),
    interfaceIndex: (name) => {
      const index = core.interfaceIndex(name);
      return index > 0 ? index : undefined;
    },
  };
}
