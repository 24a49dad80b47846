import { AlfError, quote } from '../../errors/index.js';
import { formatLocation, type Rule } from '../../policy/index.js';
import type { AddressSpace } from './address-space.js';
import type { Field } from './field.js';
import { isEverything, LIMIT32, pointRanges, portRanges, type Range } from './range.js';

/** What a rule still asks once family, protocol and interface names are settled. */
export interface Candidate<Ranges> {
  readonly rule: Rule;
  /** Source addresses; `undefined` is everybody. */
  readonly source: Ranges | undefined;
  /** Destination addresses; `undefined` is anywhere. */
  readonly destination: Ranges | undefined;
  /** The other tests: all must hold. */
  readonly numbers: readonly { readonly field: Field; readonly ranges: readonly Range<number>[] }[];
}

/** What is known of all packets before the first one arrives. */
export interface MatchContext {
  /** Interface names and their indexes. */
  readonly ifindexOf: ReadonlyMap<string, number>;
  /** The protocol of the listener. */
  readonly protocol: 'tcp' | 'udp';
}

const PROTOCOL = { tcp: 6, udp: 17 } as const;
const PORTS = 65536;

/**
 * Reduces rules to what is left to ask of a packet of one family on one listener; rules that can never match it
 * are left out.
 *
 * @throws AlfError ALF_RULE for an interface without an index
 */
export function candidatesOf<Ranges>(
  rules: readonly Rule[],
  space: AddressSpace<Ranges>,
  context: MatchContext,
): Candidate<Ranges>[] {
  return rules.flatMap((rule) => candidateOf(rule, space, context) ?? []);
}

function candidateOf<Ranges>(
  rule: Rule,
  space: AddressSpace<Ranges>,
  { ifindexOf, protocol }: MatchContext,
): Candidate<Ranges> | undefined {
  const { match } = rule;
  const indexes = match.interfaces?.map((name) => indexOf(name, rule, ifindexOf));
  const source = match.source && space.setOf(match.source);
  const destination = match.destination && space.setOf(match.destination);
  const numbers = [
    { field: 'interface' as const, ranges: indexes && pointRanges(indexes), limit: LIMIT32 },
    {
      field: 'sourcePort' as const,
      ranges: match.sourcePorts && portRanges(match.sourcePorts),
      limit: PORTS,
    },
    {
      field: 'destinationPort' as const,
      ranges: match.destinationPorts && portRanges(match.destinationPorts),
      limit: PORTS,
    },
  ];
  const empty =
    [source, destination].some((set) => set !== undefined && space.isEmpty(set)) ||
    numbers.some(({ ranges }) => ranges?.length === 0);
  if (empty || match.protocols?.includes(PROTOCOL[protocol]) === false) return undefined;
  return {
    rule,
    source: source && space.isAll(source) ? undefined : source,
    destination: destination && space.isAll(destination) ? undefined : destination,
    numbers: numbers.flatMap(({ field, ranges, limit }) =>
      ranges === undefined || isEverything(ranges, limit) ? [] : { field, ranges },
    ),
  };
}

function indexOf(name: string, { location }: Rule, ifindexOf: ReadonlyMap<string, number>): number {
  const index = ifindexOf.get(name);
  if (index === undefined) {
    // Left out instead, a deny rule would let everybody in as soon as the interface appears.
    throw new AlfError('ALF_RULE', `${formatLocation(location)}: there is no interface ${quote(name)}`, {
      hint: 'a classic program holds interface indexes for good: the interface must exist before',
    });
  }
  return index;
}
