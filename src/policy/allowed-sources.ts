import { setFromRows, splitWords } from './address-set.js';
import { looksAtSourceOnly, normalizeSources } from './regions.js';
import { copyWords, decrement, type Rows, type Width } from './rows.js';
import type { AddressSet, Policy } from './types.js';

/**
 * The set of sources that a policy allows, for a policy that matches only the source.
 *
 * @returns `undefined` for a policy that matches other fields
 */
export function allowedSources(policy: Policy): AddressSet | undefined {
  if (!policy.rules.every((rule) => looksAtSourceOnly(rule.match))) return undefined;
  const { v4, v6, lists } = normalizeSources(policy);
  const allowed = lists.map(([rule = -1]) => (policy.rules[rule]?.verdict ?? policy.default) === 'allow');
  const isAllowed = (list: number) => allowed[list] === true;
  return setFromRows(
    rowsWhere(v4.starts, v4.lists, 1, isAllowed),
    rowsWhere(splitWords(v6.starts), v6.lists, 4, isAllowed),
  );
}

/** The regions with a wanted list, as rows of first and last address. */
function rowsWhere(
  starts: Uint32Array,
  lists: Uint32Array,
  width: Width,
  wanted: (list: number) => boolean,
): Rows {
  const rows = new Uint32Array(2 * starts.length);
  let end = 0;
  lists.forEach((list, region) => {
    if (!wanted(list)) return;
    copyWords(starts, region * width, rows, end, width);
    const isLastRegion = region + 1 === lists.length;
    // The address before the lowest is the highest, and there the last region ends.
    if (!isLastRegion) copyWords(starts, (region + 1) * width, rows, end + width, width);
    decrement(rows, end + width, width);
    end += 2 * width;
  });
  return rows.subarray(0, end);
}
