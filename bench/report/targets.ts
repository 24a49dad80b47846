import { overlaps } from '../support/statistics.js';
import { findCell } from './look-up.js';
import { formatNumber, formatPercent, formatTimes } from './render.js';
import type { Result } from './result.js';

/** A target. */
interface Target {
  readonly what: string;
  readonly table: string;
  readonly rows: readonly string[];
  readonly column: string;
  /** The limit, as a ratio or as a cost. */
  readonly most: { readonly ratio: number } | { readonly cost: number } | 'noise';
}

const PATHS = { loopback: 'traffic-loopback', veth: 'traffic-veth' } as const;
const ON_SOCKETS = ['ebpf, 10,000', 'classic, 1,900'];
const STEERED = ['steer, 1,900'];

const PER_OPERATION = [
  ['UDP packet, 64 B', 1.03],
  ['TCP request + response, 64 B', 1.02],
  ['TCP write, 64 KiB', 1.015],
  ['TCP connection', 1.015],
] as const;

const TARGETS: readonly Target[] = [
  ...Object.entries(PATHS).flatMap(([path, table]) => [
    ...PER_OPERATION.map(([column, ratio]) => ({
      what: `${column}, ${path}`,
      table,
      rows: ON_SOCKETS,
      column,
      most: { ratio },
    })),
    ...PER_OPERATION.slice(1, 3).map(([column]) => ({
      what: `${column}, ${path}, established`,
      table,
      rows: STEERED,
      column,
      most: 'noise' as const,
    })),
  ]),
  ...(['classic', 'steer', 'ebpf'] as const).map((tier) => ({
    what: 'start → exec, compared with a bare node',
    table: 'startup',
    rows: [`${tier}, --allow private`, `${tier}, 10 rules`],
    column: 'start → exec',
    most: { ratio: tier === 'ebpf' ? 1.8 : 1.6 },
  })),
  {
    what: '1,000,000 prefixes from a file, enforced',
    table: 'load-time',
    rows: ['alfwrapper, tier ebpf'],
    column: '1,000,000',
    most: { cost: 2500 },
  },
];

/** Returns each target, its measurement and whether it was reached, as rows of a table, the head first. */
export function targetRows(results: readonly Result[]): string[][] {
  const rows = TARGETS.flatMap((target) => target.rows.map((row) => judge(results, target, row)));
  return [['', 'with', 'at most', 'measured', ''], ...rows];
}

function judge(results: readonly Result[], { what, table, column, most }: Target, row: string): string[] {
  const found = findCell(results, table, row, column);
  const { cost, ratio } = found.cell;
  const verdict = (reached: boolean) => (reached ? 'reached' : '**missed**');
  if (typeof most === 'object' && 'cost' in most) {
    const { unit, digits } = found.column;
    const text = (value: number) => `${formatNumber(value, digits)} ${unit}`;
    return [what, row, text(most.cost), text(cost.median), verdict(cost.median <= most.cost)];
  }
  if (ratio === undefined) throw new Error(`no ratio for ${what}`);
  const inPercent = found.table.ratios === 'percent';
  const measured = inPercent ? formatPercent(ratio) : formatTimes(ratio);
  if (most === 'noise') {
    const control = findCell(results, table, 'no filter, once more', column).cell.ratio ?? ratio;
    return [what, row, '0 %, within noise', measured, verdict(overlaps(ratio, control))];
  }
  const limit = inPercent
    ? `+${formatNumber((most.ratio - 1) * 100, 1)} %`
    : `${formatNumber(most.ratio, 2)} ×`;
  return [what, row, limit, measured, verdict(ratio.median <= most.ratio)];
}
