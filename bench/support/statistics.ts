/** The middle of a list of numbers and how far it spreads: the quartiles. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Median and quartiles; the list must not be empty. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

/** Whether two spreads have something in common. */
export function overlaps(one: Spread, other: Spread): boolean {
  return one.low <= other.high && other.low <= one.high;
}

/** Ratios of two series measured in turn, pair by pair: the machine's mood cancels out. */
export function pairedRatios(ours: readonly number[], floor: readonly number[]): number[] {
  return ours.map((value, i) => value / (floor[i] ?? Number.NaN));
}
