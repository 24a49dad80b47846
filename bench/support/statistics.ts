/** The middle of a list of numbers, and how far it spreads. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Quartiles of fewer values say little of where those of the next run will be. */
const MANY = 16;

/**
 * Median and quartiles, or the lowest and the highest of a few.
 *
 * What is launched anew comes to lie elsewhere in memory, and costs a little more or less each time it runs from there:
 * however often that is, it says nothing of the next launch. So the spread reaches to the medians of all launches.
 *
 * @param values not empty: what one launch gave behind the other, as many each
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

/** Whether two spreads have something in common. */
export function overlaps(one: Spread, other: Spread): boolean {
  return one.low <= other.high && other.low <= one.high;
}

/** Ratios of two series measured in turn, pair by pair: the machine's mood cancels out. */
export function pairedRatios(ours: readonly number[], floor: readonly number[]): number[] {
  return ours.map((value, i) => value / (floor[i] ?? Number.NaN));
}
