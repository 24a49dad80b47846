import { findCell } from './look-up.js';
import { formatNumber, formatPercent } from './render.js';
import type { Result } from './result.js';

/** The steps of a filter: each row does what the row above does, and one thing more. */
const STEPS = {
  ebpf: [
    ['eBPF, keeps everything', 'a program that allows everything is called'],
    ['eBPF, reads in place', 'the packet is read'],
    ['ebpf, 10', '10 prefixes are searched, the packet is counted'],
    ['ebpf, 10,000', '10,000 instead of 10'],
  ],
  classic: [
    ['classic, keeps everything', 'a program that allows everything is called'],
    ['classic, 10', 'the source is loaded, and 10 prefixes searched'],
    ['classic, 1,900', '1,900 instead of 10'],
  ],
} as const;

/**
 * Returns the cost of each step of a filter as rows of a table, the head first: the difference to the step before in ns of
 * CPU time, and the ratio of the total to no filter.
 *
 * @param id a table of traffic
 */
export function profileRows(results: readonly Result[], id: string): string[][] {
  const columns = ['UDP packet, 64 B', 'TCP request + response, 64 B', 'TCP write, 64 KiB', 'TCP connection'];
  const reference = columns.map((column) => findCell(results, id, 'no filter', column).cell.cost.median);
  const rows = Object.entries(STEPS).flatMap(([tier, steps]) => {
    const sums = steps.map(([row]) => columns.map((column) => findCell(results, id, row, column).cell));
    return [
      ...steps.map(([, what], step) => [
        `${tier}: ${what}`,
        ...columns.map((_, i) => {
          const [ratio = 1, before = 1] = [
            sums[step]?.[i]?.ratio?.median,
            sums[step - 1]?.[i]?.ratio?.median,
          ];
          return `${formatNumber((ratio - before) * (reference[i] ?? 0), 0)} ns`;
        }),
      ]),
      [
        `${tier}: total`,
        ...columns.map((_, i) => {
          const ratio = sums.at(-1)?.[i]?.ratio;
          return ratio === undefined ? '–' : formatPercent(ratio);
        }),
      ],
    ];
  });
  return [['', ...columns], ['no filter', ...reference.map((ns) => `${formatNumber(ns, 0)} ns`)], ...rows];
}
