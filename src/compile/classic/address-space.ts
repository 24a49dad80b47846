import {
  type AddressSet,
  type Edges,
  edgesOf32,
  edgesOf128,
  everyKey,
  isEmptySet,
  isFullSet,
  sweepSets,
} from '../../policy/index.js';
import { loadDestination4, loadDestination6, loadSource4, loadSource6 } from './field.js';
import type { Graph, Interval, Load, NodeId } from './graph.js';
import { intervalsIn, searchWords } from './membership.js';

/** Which address of a packet is matched. */
export type Side = 'source' | 'destination';

/** The addresses of one family, and how they are searched. */
export interface AddressSpace {
  /** Whether a set is known to hold no address of the family. */
  readonly isEmpty: (set: AddressSet) => boolean;
  /** Whether a set is known to hold every address of the family. */
  readonly isAll: (set: AddressSet) => boolean;
  /**
   * Builds the search of an address in several sets at once.
   *
   * @param sets `undefined` holds every address
   * @param decide where an address goes, given the indexes of the sets that hold it, in ascending order; the array is
   *   reused
   */
  readonly search: (graph: Graph, side: Side, sets: readonly Searched[], decide: Decide) => NodeId;
}

type Searched = AddressSet | undefined;
type Decide = (holders: readonly number[]) => NodeId;

const LOADS4: Readonly<Record<Side, Load>> = { source: loadSource4, destination: loadDestination4 };
const LOADS6 = { source: loadSource6, destination: loadDestination6 } as const;

/** `::ffff:0:0/96`: the IPv4 addresses among those of IPv6. */
const MAPPED: Edges = { width: 4, words: Uint32Array.of(0, 0, 0xffff, 0, 0, 0, 0x10000, 0) };

/** IPv4 addresses, as numbers of 32 bits. */
export const space4: AddressSpace = {
  isEmpty: ({ v4 }) => v4.length === 0,
  isAll: ({ v4 }) => v4.length === 2 && v4[0] === 0 && v4[1] === 0xffffffff,
  search: (graph, side, sets, decide) => graph.decide(LOADS4[side], intervals4(sets, decide)),
};

/** IPv6 addresses, as numbers of 128 bits; an IPv6 range that spans mapped addresses says nothing of them. */
export const space6: AddressSpace = {
  isEmpty: isEmptySet,
  isAll: isFullSet,
  search: (graph, side, sets, decide) => {
    const loads = LOADS6[side];
    const mapped = graph.decide(loads[3], intervals4(sets, decide));
    const edges = sets.map((set) => (set === undefined ? everyKey(4) : edgesOf128(set.v6)));
    const regions = sweepSets([...edges, MAPPED], 4, (holders) =>
      holders.at(-1) === edges.length ? mapped : decide(holders),
    );
    return searchWords(graph, regions, loads);
  },
};

function intervals4(sets: readonly Searched[], decide: Decide): Interval[] {
  const edges = sets.map((set) => (set === undefined ? everyKey(1) : edgesOf32(set.v4)));
  return intervalsIn(sweepSets(edges, 1, decide));
}
