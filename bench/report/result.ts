import { pairedRatios, type Spread, spread } from '../support/statistics.js';

/** One measurement. */
export interface Cell {
  /** In the column's unit. */
  readonly cost: Spread;
  /** To the table's reference, both of the same round. */
  readonly ratio?: Spread;
}

/** One measured variant. */
export interface Row {
  readonly name: string;
  /** Its place in a plot: the series, and the number of rules. */
  readonly point?: { readonly series: string; readonly size: number };
  /** One for each column; null without a measurement. */
  readonly cells: readonly (Cell | null)[];
}

/** A measured quantity. */
export interface Column {
  readonly name: string;
  readonly unit: string;
  /** Digits after the point. */
  readonly digits: number;
}

/** Variants measured in turn in one run. */
export interface Table {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** The row to which ratios refer. */
  readonly reference?: string;
  /** The notation of ratios: `+1.2 %` or `1.45 ×`. */
  readonly ratios: 'percent' | 'times';
  readonly rows: readonly Row[];
}

/** The machine. */
export interface Machine {
  readonly kernel: string;
  readonly processor: string;
  readonly processors: number;
  readonly node: string;
}

/** The result of a benchmark, as JSON. */
export interface Result {
  readonly bench: string;
  /** True for a short run, whose figures mean nothing. */
  readonly short: boolean;
  readonly machine: Machine;
  /** Other load on the machine, a line each. */
  readonly disturbances: readonly string[];
  readonly tables: readonly Table[];
}

/**
 * Makes a cell of costs, and of the reference's costs in the same rounds.
 *
 * @param launches the number of launches they come from, consecutively
 */
export function makeCell(costs: readonly number[], reference?: readonly number[], launches = 1): Cell {
  const cost = spread(costs, launches);
  return reference === undefined
    ? { cost }
    : { cost, ratio: spread(pairedRatios(costs, reference), launches) };
}
