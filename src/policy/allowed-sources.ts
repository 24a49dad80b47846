import { setFromRows } from './address-set.js';
import { looksAtSourceOnly, normalizeSources } from './regions/source-regions.js';
import type { Regions } from './regions/sweep.js';
import { copyWords, decrement, type Rows } from './rows.js';
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
  return setFromRows(rowsWhere(v4, isAllowed), rowsWhere(v6, isAllowed));
}

/** The regions with a wanted list, as rows of first and last address. */
function rowsWhere({ starts, results, width }: Regions, wanted: (list: number) => boolean): Rows {
  const rows = new Uint32Array(2 * starts.length);
  let end = 0;
  results.forEach((list, region) => {
    if (!wanted(list)) return;
    copyWords(starts, region * width, rows, end, width);
    const isLastRegion = region + 1 === results.length;
    // The address before the lowest is the highest, and there the last region ends.
    if (!isLastRegion) copyWords(starts, (region + 1) * width, rows, end + width, width);
    decrement(rows, end + width, width);
    end += 2 * width;
  });
  return rows.subarray(0, end);
}
