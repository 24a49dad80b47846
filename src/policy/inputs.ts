import type { Address } from '../net/index.js';
import { checkReferences, peersOf } from './references.js';
import type { HostPeer, PolicySource, SetFileStatement, Statement } from './syntax.js';

/** The external inputs of a policy: text of files, addresses of hosts, interfaces. */
export interface PolicyNeeds {
  readonly files: readonly SetFileStatement[];
  /** One peer for each host name; other peers may have the same name. */
  readonly hosts: readonly HostPeer[];
  /** The names of interfaces, each once. */
  readonly interfaces: readonly string[];
}

/** The inputs that {@link PolicyNeeds} lists. */
export interface PolicyInputs {
  /** The content of each set file, by the name of the set. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The addresses of each host, by its name in lower case. */
  readonly hosts: ReadonlyMap<string, readonly Address[]>;
  /** The existing interfaces, by their name in a rule. */
  readonly interfaces: ReadonlyMap<string, KnownInterface>;
}

/** An interface that a rule names. */
export interface KnownInterface {
  /** Its primary name, if a rule has an alternative name. */
  readonly name: string;
  /** The bridge, bond, team or VRF on which its packets arrive, if it is a port of one. */
  readonly master: string | undefined;
}

/** Inputs for a policy without external inputs. */
export const noInputs: PolicyInputs = { files: new Map(), hosts: new Map(), interfaces: new Map() };

/**
 * Lists what must be read and looked up before a policy can be resolved, in the order written.
 *
 * @throws AlfError ALF_RULE for an undefined set, before any file is read
 */
export function listNeeds(source: PolicySource): PolicyNeeds {
  checkReferences(source);
  const hosts = source.statements.flatMap(peersOf).filter((peer) => peer.kind === 'host');
  return {
    files: source.statements.filter((statement) => statement.kind === 'set-file'),
    interfaces: [...new Set(source.statements.flatMap(interfacesOf))],
    hosts: [...new Map(hosts.map((host) => [host.name, host])).values()],
  };
}

function interfacesOf(statement: Statement): readonly string[] {
  return statement.kind === 'rule' ? (statement.interfaces ?? []) : [];
}
