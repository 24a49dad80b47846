import { findCell } from './look-up.js';
import { formatNumber, formatPercent } from './render.js';
import type { Result } from './result.js';

/** What a filter consists of: each row does what the one before does, and something more. */
const STEPS = {
  ebpf: [
    ['eBPF, keeps everything', 'a program that says yes is called'],
    ['eBPF, reads in place', 'the packet is read'],
    ['ebpf, 10', '10 prefixes are searched, the packet is counted'],
    ['ebpf, 10,000', '10,000 in place of 10'],
  ],
  classic: [
    ['classic, keeps everything', 'a program that says yes is called'],
    ['classic, 10', 'the source is loaded, and 10 prefixes searched'],
    ['classic, 1,900', '1,900 in place of 10'],
  ],
} as const;

/**
 * Where the cost of a filter comes from, as rows of a table, the head first: by the difference of each step to the one
 * before, in ns of CPU time, and by what all of them together are to no filter.
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
        `${tier}: together`,
        ...columns.map((_, i) => {
          const ratio = sums.at(-1)?.[i]?.ratio;
          return ratio === undefined ? '–' : formatPercent(ratio);
        }),
      ],
    ];
  });
  return [['', ...columns], ['no filter', ...reference.map((ns) => `${formatNumber(ns, 0)} ns`)], ...rows];
}
