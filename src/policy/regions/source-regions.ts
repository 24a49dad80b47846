import type { AddressSet, Match, Policy } from '../types.js';
import { edgesOf32, edgesOf128 } from './edges.js';
import { ListTable } from './list-table.js';
import { type Regions, sweepSets } from './sweep.js';

/** What is left of a policy once the source address is known. */
export interface SourceRegions {
  /** All addresses of a family, from address 0 on; a result is the index of a list in {@link lists}. */
  readonly v4: Regions;
  readonly v6: Regions;
  /**
   * The different lists of rules that can still match, as ascending indexes of `policy.rules`.
   *
   * A list ends with the first rule that matches the source only: it matches. Where no rule of the list
   * matches, and so for the empty list, the default decides.
   */
  readonly lists: readonly (readonly number[])[];
}

/** Rules that match one set of sources. */
interface SourceGroup {
  readonly source: AddressSet;
  readonly rules: readonly number[];
}

/**
 * Turns ordered first-match rules into disjoint regions of the source address, each with the rules that remain there.
 *
 * For a policy that matches the source only every list has one rule or none, and so each region a verdict.
 * Takes time in proportion to the ranges of all different sets together, times the sets that overlap.
 */
export function normalizeSources(policy: Policy): SourceRegions {
  const groups = groupBySource(policy);
  const everywhere = indexesOf(policy, ({ source }) => source === undefined);
  const sufficient = new Set(indexesOf(policy, looksAtSourceOnly));
  const lists = new ListTable();
  const patterns = new ListTable();
  const listOfPattern: number[] = [];
  // Few patterns of overlap repeat over many regions: the rules of each are gathered once.
  const listOf = (holders: readonly number[]): number => {
    const pattern = patterns.indexOf(holders);
    listOfPattern[pattern] ??= lists.indexOf(
      upToFirst(sufficient, [...everywhere, ...holders.flatMap((holder) => groups[holder]?.rules ?? [])]),
    );
    return listOfPattern[pattern];
  };
  const sets = groups.map((group) => group.source);
  const v4 = sweepSets(
    sets.map((set) => edgesOf32(set.v4)),
    1,
    listOf,
  );
  const v6 = sweepSets(
    sets.map((set) => edgesOf128(set.v6)),
    4,
    listOf,
  );
  return { v4, v6, lists: lists.lists };
}

/** Whether a rule matches the source address only. */
export function looksAtSourceOnly({ source: _, ...others }: Match): boolean {
  return Object.values(others).every((field) => field === undefined);
}

function groupBySource(policy: Policy): SourceGroup[] {
  const groups = new Map<AddressSet, number[]>();
  policy.rules.forEach(({ match: { source } }, index) => {
    if (source === undefined) return;
    const rules = groups.get(source);
    if (rules === undefined) groups.set(source, [index]);
    else rules.push(index);
  });
  return [...groups].map(([source, rules]) => ({ source, rules }));
}

function indexesOf(policy: Policy, matches: (match: Match) => boolean): number[] {
  return policy.rules.flatMap(({ match }, index) => (matches(match) ? [index] : []));
}

/** Sorts rules and leaves out those behind the first that is sure to match. */
function upToFirst(sufficient: ReadonlySet<number>, rules: readonly number[]): number[] {
  const sorted = [...rules].sort((a, b) => a - b);
  const first = sorted.findIndex((rule) => sufficient.has(rule));
  return first < 0 ? sorted : sorted.slice(0, first + 1);
}
