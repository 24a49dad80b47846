import type { Answers } from './matrix.js';

/** Checks that load without the stricter verifier of CAP_BPF alone. */
const LOADS = /^objects of .*, (root|CAP_BPF and CAP_PERFMON)$/;

const RULES = /\bpolicy (?:filter_in_place )?\S+ insns ([\d.]+) ms/g;

/**
 * Returns how long a kernel takes to load the program for rules, in ms: the median of what all compilers made, for both ways to
 * read. A single load can be 40 ms longer, when the guest's kernel has work of its own.
 */
export function rulesLoadMs({ results }: Pick<Answers, 'results'>): number | undefined {
  const times = results
    .filter(({ name, outcome }) => LOADS.test(name) && outcome === 'ok')
    .flatMap(({ detail }) => [...detail.matchAll(RULES)].map(([, ms]) => Number(ms)));
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}
