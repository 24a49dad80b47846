import { readFileSync } from 'node:fs';
import type { Capabilities, InheritedSocket } from '../../plan/index.js';
import type { CoreOps, Ops } from '../index.js';
import { lookUpAccounts } from './accounts.js';
import { readCredentials } from './credentials.js';
import { findInterface } from './interfaces.js';
import { probeTiers } from './tiers.js';

/**
 * Finds out what the plan needs to know of this machine and this process. Changes nothing.
 *
 * @param inherited sockets that were passed in
 */
export function gatherCapabilities({ core }: Ops, inherited: readonly InheritedSocket[] = []): Capabilities {
  const { CAP_BPF, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_PERFMON } = core.constants;
  const { CAP_SETGID, CAP_SETPCAP, CAP_SETUID, CAP_SYS_ADMIN } = core.constants;
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
    },
    tiers: probeTiers(core),
    inherited,
    optmemMax: readOptmemMax(),
    hasIpv6: () => hasIpv6(core),
    findInterface: (name) => findInterface(core, name),
    accounts: lookUpAccounts(core),
  };
}

/** Only EAFNOSUPPORT says that there is none; the listener reports other errors. */
function hasIpv6(core: CoreOps): boolean {
  const { AF_INET6, SOCK_STREAM, EAFNOSUPPORT } = core.constants;
  const fd = core.socket(AF_INET6, SOCK_STREAM, 0);
  if (fd >= 0) core.close(fd);
  return fd !== -EAFNOSUPPORT;
}

/** net.core.optmem_max belongs to the initial network namespace; in others it may not be there to be read. */
function readOptmemMax(): number | undefined {
  try {
    return Number(readFileSync('/proc/sys/net/core/optmem_max', 'latin1'));
  } catch {
    return undefined;
  }
}
