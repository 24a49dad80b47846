/** The median of a list of numbers, and its spread. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** With fewer values, quartiles do not predict those of the next run. */
const MANY = 16;

/**
 * Median and quartiles, or the lowest and the highest of a few.
 *
 * The memory layout of a launch affects the cost of all its rounds. So more rounds of one launch do not predict the
 * next launch, and the spread includes the medians of all launches.
 *
 * @param values not empty: the values of each launch consecutively, the same number for each
 */
export function spread(values: readonly number[], launches = 1): Spread {
  const all = spreadOfOne(values);
  if (launches === 1) return all;
  const each = values.length / launches;
  const medians = Array.from(
    { length: launches },
    (_, i) => spreadOfOne(values.slice(i * each, (i + 1) * each)).median,
  );
  return { ...all, low: Math.min(all.low, ...medians), high: Math.max(all.high, ...medians) };
}

function spreadOfOne(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const [from, to] = values.length < MANY ? [0, 1] : [0.25, 0.75];
  return { low: at(from), median: at(0.5), high: at(to) };
}

/** Whether two spreads overlap. */
export function overlaps(one: Spread, other: Spread): boolean {
  return one.low <= other.high && other.low <= one.high;
}

/** Ratios of two series measured in turn, pair by pair, so that changes of the machine's load cancel out. */
export function pairedRatios(ours: readonly number[], floor: readonly number[]): number[] {
  return ours.map((value, i) => value / (floor[i] ?? Number.NaN));
}
