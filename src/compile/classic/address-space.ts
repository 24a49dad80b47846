import type { AddressSet } from '../../policy/index.js';
import { loadDestination4, loadDestination6, loadSource4, loadSource6 } from './field.js';
import type { Graph, Load, NodeId } from './graph.js';
import { searchWords } from './membership.js';
import {
  isEverything,
  isEveryWide,
  LIMIT32,
  LIMIT128,
  type Range,
  ranges4,
  type WideRanges,
  wideRanges,
  withMapped,
} from './range.js';
import { sweep } from './sweep.js';

/** Which of a packet's addresses is looked at. */
export type Side = 'source' | 'destination';

/** The addresses of one family: how sets of them are held, and how they are searched. */
export interface AddressSpace<Ranges> {
  /** What packets of the family can match of a set. */
  readonly setOf: (set: AddressSet) => Ranges;
  readonly isEmpty: (set: Ranges) => boolean;
  /** Whether a set holds every address. */
  readonly isAll: (set: Ranges) => boolean;
  /**
   * Builds the search of an address in several sets at once.
   *
   * @param sets `undefined` holds every address
   * @param decide where an address goes, given the indexes of the sets that hold it, in ascending order; the array is
   *   reused
   */
  readonly search: (
    graph: Graph,
    side: Side,
    sets: readonly (Ranges | undefined)[],
    decide: (holding: readonly number[]) => NodeId,
  ) => NodeId;
}

const LOADS4: Readonly<Record<Side, Load>> = { source: loadSource4, destination: loadDestination4 };
const LOADS6 = { source: loadSource6, destination: loadDestination6 } as const;

/** IPv4 addresses, as numbers of 32 bits. */
export const space4: AddressSpace<readonly Range<number>[]> = {
  setOf: ranges4,
  isEmpty: (set) => set.length === 0,
  isAll: (set) => isEverything(set, LIMIT32),
  search: (graph, side, sets, decide) => graph.decide(LOADS4[side], sweep(sets, decide, 0, LIMIT32)),
};

/** IPv6 addresses, as numbers of 128 bits; `::ffff:a.b.c.d` is the IPv4 address a.b.c.d. */
export const space6: AddressSpace<WideRanges> = {
  setOf: wideRanges,
  isEmpty: ({ native, mapped }) => native.length === 0 && mapped.length === 0,
  isAll: isEveryWide,
  search: (graph, side, sets, decide) => {
    const loads = LOADS6[side];
    const mapped = sweep(
      sets.map((set) => set?.mapped),
      decide,
      0,
      LIMIT32,
    );
    const native = sweep(
      sets.map((set) => set?.native),
      decide,
      0n,
      LIMIT128,
    );
    return searchWords(graph, withMapped(native, graph.decide(loads[3], mapped)), loads);
  },
};
