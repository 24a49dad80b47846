import { joinWords, splitWords } from './address-set.js';
import { cutRegions } from './cut-regions.js';
import { ListTable } from './list-table.js';
import type { AddressSet, Match, Policy } from './types.js';

/**
 * All addresses of one family, divided into consecutive regions without gaps.
 *
 * Region `i` goes from its start to just before the start of region `i + 1`, the last one to the highest address; the
 * first starts at address 0. Neighbours have different lists.
 */
export interface FamilyRegions<Starts extends Uint32Array | BigUint64Array> {
  /** First address of each region, host order: one number for IPv4, a pair high, low for IPv6. */
  readonly starts: Starts;
  /** For each region the index of its list in {@link SourceRegions.lists}. */
  readonly lists: Uint32Array;
}

/** The rest of a policy for each source address. */
export interface SourceRegions {
  readonly v4: FamilyRegions<Uint32Array>;
  readonly v6: FamilyRegions<BigUint64Array>;
  /**
   * The different lists of rules that can still match, as ascending indexes of `policy.rules`.
   *
   * A list ends with the first rule that matches only the source: it always matches. If no rule of the list
   * matches, as with the empty list, the default decides.
   */
  readonly lists: readonly (readonly number[])[];
}

/** Rules with one set of sources. */
interface SourceGroup {
  readonly source: AddressSet;
  readonly rules: readonly number[];
}

/**
 * Turns ordered first-match rules into disjoint regions of the source address, each with the rules that remain there.
 *
 * For a policy that matches only the source, every list has at most one rule, so each region has a verdict.
 * Takes time in proportion to the ranges of all different sets together, times the sets that overlap.
 */
export function normalizeSources(policy: Policy): SourceRegions {
  const groups = groupBySource(policy);
  const everywhere = indexesOf(policy, ({ source }) => source === undefined);
  const sufficient = new Set(indexesOf(policy, looksAtSourceOnly));
  const lists = new ListTable();
  const patterns = new ListTable();
  const listOfPattern: number[] = [];
  // Many regions share few patterns of overlap, so the rules of each pattern are collected once.
  const listOf = (holders: readonly number[]): number => {
    const pattern = patterns.indexOf(holders);
    listOfPattern[pattern] ??= lists.indexOf(
      upToFirst(sufficient, [...everywhere, ...holders.flatMap((holder) => groups[holder]?.rules ?? [])]),
    );
    return listOfPattern[pattern];
  };
  const sets = groups.map((group) => group.source);
  const v4 = cutRegions(
    sets.map((set) => set.v4),
    1,
    listOf,
  );
  const v6 = cutRegions(
    sets.map((set) => splitWords(set.v6)),
    4,
    listOf,
  );
  return { v4, v6: { starts: joinWords(v6.starts), lists: v6.lists }, lists: lists.lists };
}

/** Whether a rule matches only the source address. */
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

/** Sorts rules, and omits those after the first that always matches. */
function upToFirst(sufficient: ReadonlySet<number>, rules: readonly number[]): number[] {
  const sorted = [...rules].sort((a, b) => a - b);
  const first = sorted.findIndex((rule) => sufficient.has(rule));
  return first < 0 ? sorted : sorted.slice(0, first + 1);
}
