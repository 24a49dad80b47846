import { AlfError, quote } from '../../errors/index.js';
import { PORT_LIMIT, protocols } from '../../net/index.js';
import {
  type AddressSet,
  type Edges,
  edgesOfNumbers,
  edgesOfPoints,
  formatLocation,
  type Rule,
} from '../../policy/index.js';
import type { AddressSpace } from './address-space.js';
import type { Field } from './field.js';

/** What a rule still asks once family, protocol and interface names are settled. */
export interface Candidate {
  readonly rule: Rule;
  /** Source addresses; `undefined` is any address. */
  readonly source: AddressSet | undefined;
  /** Destination addresses; `undefined` is anywhere. */
  readonly destination: AddressSet | undefined;
  /** The other tests: all must hold. */
  readonly numbers: readonly { readonly field: Field; readonly values: Edges }[];
}

/** What is known of all packets before the first one arrives. */
export interface MatchContext {
  /** Interface names and their indexes. */
  readonly ifindexOf: ReadonlyMap<string, number>;
  /** The protocol of the listener. */
  readonly protocol: 'tcp' | 'udp';
}

/**
 * Reduces rules to what is left to ask of a packet of one family on one listener; rules that can never match it
 * are left out.
 *
 * @throws AlfError ALF_RULE for an interface without an index
 */
export function candidatesOf(
  rules: readonly Rule[],
  space: AddressSpace,
  context: MatchContext,
): Candidate[] {
  return rules.flatMap((rule) => candidateOf(rule, space, context) ?? []);
}

function candidateOf(
  rule: Rule,
  space: AddressSpace,
  { ifindexOf, protocol }: MatchContext,
): Candidate | undefined {
  const { match } = rule;
  const indexes = match.interfaces?.map((name) => indexOf(name, rule, ifindexOf));
  const { source, destination } = match;
  const numbers = [
    { field: 'interface' as const, values: indexes && edgesOfPoints(indexes) },
    { field: 'sourcePort' as const, values: match.sourcePorts && edgesOfNumbers(match.sourcePorts) },
    {
      field: 'destinationPort' as const,
      values: match.destinationPorts && edgesOfNumbers(match.destinationPorts),
    },
  ];
  const empty =
    [source, destination].some((set) => set !== undefined && space.isEmpty(set)) ||
    numbers.some(({ values }) => values?.words.length === 0);
  if (empty || match.protocols?.includes(protocols[protocol]) === false) return undefined;
  return {
    rule,
    source: source && space.isAll(source) ? undefined : source,
    destination: destination && space.isAll(destination) ? undefined : destination,
    numbers: numbers.flatMap(({ field, values }) =>
      values === undefined || (field !== 'interface' && isEveryPort(values)) ? [] : { field, values },
    ),
  };
}

function isEveryPort({ words }: Edges): boolean {
  return words.length === 2 && words[0] === 0 && words[1] === PORT_LIMIT;
}

function indexOf(name: string, { location }: Rule, ifindexOf: ReadonlyMap<string, number>): number {
  const index = ifindexOf.get(name);
  if (index === undefined) {
    // Without this, a deny rule would be missing as soon as the interface appears.
    throw new AlfError('ALF_RULE', `${formatLocation(location)}: no such interface: ${quote(name)}`, {
      hint: 'a classic program holds interface indexes for good: the interface must exist before',
    });
  }
  return index;
}
