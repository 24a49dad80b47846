import { pairedRatios, type Spread, spread } from '../support/statistics.js';

/** What was measured of one thing in one respect. */
export interface Cell {
  /** In the column's unit. */
  readonly cost: Spread;
  /** To the table's reference, both of the same round. */
  readonly ratio?: Spread;
}

/** A thing that was measured. */
export interface Row {
  readonly name: string;
  /** Where it stands in a plot: its series, and the number of rules. */
  readonly point?: { readonly series: string; readonly size: number };
  /** One for each column; null where there is nothing to measure. */
  readonly cells: readonly (Cell | null)[];
}

/** A respect in which things are measured. */
export interface Column {
  readonly name: string;
  readonly unit: string;
  /** Behind the point. */
  readonly digits: number;
}

/** Things measured in turn in one run. */
export interface Table {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** The row that ratios are to. */
  readonly reference?: string;
  /** How ratios are written: `+1.2 %` or `1.45 ×`. */
  readonly ratios: 'percent' | 'times';
  readonly rows: readonly Row[];
}

/** Where it was measured. */
export interface Machine {
  readonly kernel: string;
  readonly processor: string;
  readonly processors: number;
  readonly node: string;
}

/** What a benchmark leaves, as JSON. */
export interface Result {
  readonly bench: string;
  /** It only showed that it runs. */
  readonly short: boolean;
  readonly machine: Machine;
  /** What was not quiet, a line each. */
  readonly disturbances: readonly string[];
  readonly tables: readonly Table[];
}

/**
 * A cell of costs, and of the reference's in the same rounds.
 *
 * @param launches how many launches they come from, one behind the other
 */
export function makeCell(costs: readonly number[], reference?: readonly number[], launches = 1): Cell {
  const cost = spread(costs, launches);
  return reference === undefined
    ? { cost }
    : { cost, ratio: spread(pairedRatios(costs, reference), launches) };
}
