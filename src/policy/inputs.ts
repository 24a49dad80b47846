import type { Address } from '../net/index.js';
import { checkReferences, peersOf } from './references.js';
import type { HostPeer, PolicySource, SetFileStatement } from './syntax.js';

/** What a policy needs from outside: text of files, addresses of hosts. */
export interface PolicyNeeds {
  readonly files: readonly SetFileStatement[];
  /** One peer for each host name; others may share it. */
  readonly hosts: readonly HostPeer[];
}

/** What {@link PolicyNeeds} asked for. */
export interface PolicyInputs {
  /** The content of each set file, by the name of the set. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The addresses of each host, by its name in lower case. */
  readonly hosts: ReadonlyMap<string, readonly Address[]>;
}

/** Inputs for a policy that needs none. */
export const noInputs: PolicyInputs = { files: new Map(), hosts: new Map() };

/**
 * Lists what must be read and looked up before a policy can be resolved, in the order written.
 *
 * @throws AlfError ALF_RULE for a set that is not defined: no file is read for a policy that cannot be
 */
export function listNeeds(source: PolicySource): PolicyNeeds {
  checkReferences(source);
  const hosts = source.statements.flatMap(peersOf).filter((peer) => peer.kind === 'host');
  return {
    files: source.statements.filter((statement) => statement.kind === 'set-file'),
    hosts: [...new Map(hosts.map((host) => [host.name, host])).values()],
  };
}
