import { readFileSync } from 'node:fs';
import type { Capabilities, FoundInterface, IdentityRequest, InheritedSocket } from '../../plan/index.js';
import type { Ops } from '../index.js';
import { lookUpAccounts } from './accounts.js';
import { readCredentials } from './credentials.js';
import { askInterception } from './interception.js';
import { findInterface } from './interfaces.js';
import { kernelMachine } from './kernel-machine.js';
import { describeTiers } from './tiers.js';

/** What a command asks about, beside the tiers. */
export interface Questions {
  /** Sockets that were passed in. */
  readonly inherited?: readonly InheritedSocket[];
  /** Who the target is going to be. */
  readonly identity?: IdentityRequest;
  /** Names that may be those of interfaces. */
  readonly interfaces?: Iterable<string>;
  /** Whether sockets are going to be intercepted. */
  readonly interception?: boolean;
}

/**
 * Finds out what the plan needs to know of this machine and this process, once. Changes nothing.
 *
 * @throws AlfError ALF_IDENTITY if accounts cannot be asked for
 */
export function gatherCapabilities(
  { core }: Ops,
  { inherited = [], identity = {}, interfaces = [], interception = false }: Questions = {},
): Capabilities {
  const { CAP_BPF, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_PERFMON } = core.constants;
  const { CAP_SETGID, CAP_SETPCAP, CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_PTRACE, EAFNOSUPPORT } = core.constants;
  const statuses = core.probe();
  const found = new Map<string, FoundInterface>();
  for (const name of interfaces) {
    const each = found.has(name) ? undefined : findInterface(core, name);
    if (each !== undefined) found.set(name, each);
  }
  return {
    credentials: readCredentials(),
    capabilityNumbers: {
      CAP_BPF,
      CAP_NET_ADMIN,
      CAP_NET_BIND_SERVICE,
      CAP_NET_RAW,
      CAP_PERFMON,
      CAP_SETGID,
      CAP_SETPCAP,
      CAP_SETUID,
      CAP_SYS_ADMIN,
      CAP_SYS_PTRACE,
    },
    tiers: describeTiers(statuses),
    interception: interception ? askInterception(core) : undefined,
    inherited,
    optmemMax: readOptmemMax(),
    // The listener reports other errors.
    hasIpv6: statuses.ipv6 !== -EAFNOSUPPORT,
    machine: kernelMachine(),
    interfaces: found,
    accounts: lookUpAccounts(core, identity),
  };
}

/** net.core.optmem_max belongs to the initial network namespace; in others it may not be there to be read. */
function readOptmemMax(): number | undefined {
  try {
    return Number(readFileSync('/proc/sys/net/core/optmem_max', 'latin1'));
  } catch {
    return undefined;
  }
}
