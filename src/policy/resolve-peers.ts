import { unionSets } from './address-set.js';
import { AddressSetBuilder } from './address-set-builder.js';
import { wordSet } from './address-words.js';
import type { PolicyInputs } from './inputs.js';
import { type LoadedSet, parseSetFile } from './lists/index.js';
import { unmapAddress } from './mapped.js';
import { addPeer } from './peer-range.js';
import { refuse } from './refuse.js';
import type { HostPeer, Peer, PolicySource, SetFileStatement, Warning } from './syntax.js';
import type { AddressSet } from './types.js';

/** A set file that was read. */
export interface ReadList extends Pick<LoadedSet, 'entries' | 'format' | 'set'> {
  readonly name: string;
  readonly path: string;
}

/** The named sets of a policy. */
export interface SetTable {
  readonly sets: ReadonlyMap<string, AddressSet>;
  /** The formats of the set files. */
  readonly lists: readonly ReadList[];
  readonly warnings: readonly Warning[];
}

/**
 * Resolves the sets of a policy whose references have been checked.
 *
 * @throws AlfError ALF_RULE for bad text in a set file
 */
export function resolveSets(source: PolicySource, inputs: PolicyInputs): SetTable {
  const sets = new Map<string, AddressSet>();
  const lists: ReadList[] = [];
  const warnings: Warning[] = [];
  for (const statement of source.statements) {
    if (statement.kind === 'set') {
      const peers = statement.lines.flatMap((line) => line.peers);
      sets.set(statement.name, resolvePeers(peers, { sets }, inputs));
    } else if (statement.kind === 'set-file') {
      const loaded = parseSetFile(contentOf(statement, inputs), statement.path);
      sets.set(statement.name, loaded.set);
      lists.push({ ...loaded, name: statement.name, path: statement.path });
      warnings.push(...loaded.warnings);
    }
  }
  return { sets, lists, warnings };
}

/**
 * The addresses of a list of peers; the empty set for an empty list.
 *
 * @throws AlfError ALF_RULE for a host without an address
 */
export function resolvePeers(
  peers: readonly Peer[],
  { sets }: Pick<SetTable, 'sets'>,
  inputs: PolicyInputs,
): AddressSet {
  const builder = new AddressSetBuilder();
  const parts: AddressSet[] = [];
  for (const peer of peers) {
    if (peer.kind === 'word') parts.push(wordSet(peer.word));
    else if (peer.kind === 'set') parts.push(definedSet(peer.name, sets));
    else if (peer.kind === 'host') addHost(builder, peer, inputs);
    else addPeer(builder, peer);
  }
  const [only] = parts;
  return only !== undefined && peers.length === 1 ? only : unionSets([...parts, builder.build()]);
}

function addHost(builder: AddressSetBuilder, host: HostPeer, inputs: PolicyInputs): void {
  const addresses = inputs.hosts.get(host.name) ?? [];
  if (addresses.length === 0) {
    const hint = 'check the name, or write its addresses';
    refuse(host.location, `unable to resolve ${host.name}: expected a host name with an address`, hint);
  }
  for (const address of addresses) {
    const { bytes } = unmapAddress(address);
    builder.addBytes(bytes, bytes);
  }
}

function definedSet(name: string, sets: ReadonlyMap<string, AddressSet>): AddressSet {
  const set = sets.get(name);
  if (set === undefined) throw new Error(`set ${name} was not checked`);
  return set;
}

function contentOf(statement: SetFileStatement, inputs: PolicyInputs): Uint8Array {
  const content = inputs.files.get(statement.name);
  if (content === undefined) throw new Error(`the file of set ${statement.name} was not read`);
  return content;
}
