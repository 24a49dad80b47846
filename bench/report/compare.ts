import { overlaps, type Spread } from '../support/statistics.js';
import { formatPercent } from './render.js';
import type { Result, Table } from './result.js';

/** The comparison of two runs of the same benchmarks. */
export interface Comparison {
  readonly ratios: number;
  /** A line for each ratio whose spreads in the two runs do not overlap. */
  readonly differing: readonly string[];
}

/** Compares every ratio that two runs have in common: their spreads must overlap. */
export function compareResults(first: readonly Result[], second: readonly Result[]): Comparison {
  const later = new Map(second.flatMap(ratiosOf));
  const common = first.flatMap(ratiosOf).flatMap(([key, ratio]) => {
    const other = later.get(key);
    return other === undefined ? [] : [{ key, ratio, other }];
  });
  const differing = common
    .filter(({ ratio, other }) => !overlaps(ratio, other))
    .map(({ key, ratio, other }) => `${key}: ${formatPercent(ratio)}, then ${formatPercent(other)}`);
  return { ratios: common.length, differing };
}

function ratiosOf({ tables }: Result): [key: string, Spread][] {
  return tables.flatMap((table) => table.rows.flatMap((row) => ratiosOfRow(table, row)));
}

function ratiosOfRow(table: Table, row: Table['rows'][number]): [key: string, Spread][] {
  if (row.name === table.reference) return [];
  return table.columns.flatMap((column, i) => {
    const ratio = row.cells[i]?.ratio;
    return ratio === undefined
      ? []
      : [[`${table.id}, ${row.name}, ${column.name}`, ratio] as const].map((each) => [...each]);
  });
}
