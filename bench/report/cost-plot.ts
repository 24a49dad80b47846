import { addedCost, findTable } from './look-up.js';
import { drawPlot, type Panel, type Series } from './plot.js';
import type { Result, Table } from './result.js';

/** Colours that are distinguishable with red-green colour blindness, by series of the traffic tables. */
const COLORS: Readonly<Record<string, string>> = {
  ebpf: '#0072b2',
  classic: '#009e73',
  steer: '#56b4e9',
  'nftables set': '#e69f00',
  'IPAddressAllow= (cgroup)': '#cc79a7',
  'alfwrapper 2017': '#d55e00',
};

/** The control, which is the same as the reference. */
const CONTROL = 'no filter, once more';

const PANELS = [
  { column: 'UDP packet, 64 B', title: 'a UDP packet' },
  { column: 'TCP connection', title: 'a TCP connection' },
] as const;

/** Draws the cost of a filter for a packet and a connection against the number of rules, as SVG. */
export function drawCosts(results: readonly Result[]): string {
  const table = findTable(results, 'traffic-loopback');
  return drawPlot(
    PANELS.map(
      ({ column, title }): Panel => ({
        title: `What filtering adds to ${title}`,
        x: { title: 'rules or prefixes', from: 10, to: 100_000 },
        y: { title: 'ns of CPU time', from: 1, to: 100_000 },
        series: seriesOf(table, column),
        noise: noiseOf(table, column),
      }),
    ),
    'Grey: as much do two sockets without a filter differ. Rings: no more than 1 ns, or less than nothing.',
  );
}

function seriesOf(table: Table, column: string): Series[] {
  return Object.entries(COLORS).flatMap(([name, color]) => {
    const points = table.rows
      .filter(({ point }) => point?.series === name)
      .flatMap((row): [number, number][] => {
        const added = addedCost(table, row, column);
        return added === undefined || row.point === undefined ? [] : [[row.point.size, added]];
      });
    return points.length === 0 ? [] : [{ name, color, points }];
  });
}

/** The largest distance of the control's spread from 0. */
function noiseOf(table: Table, column: string): number {
  const at = table.columns.findIndex(({ name }) => name === column);
  const ratio = table.rows.find(({ name }) => name === CONTROL)?.cells[at]?.ratio;
  const reference = table.rows.find(({ name }) => name === table.reference)?.cells[at]?.cost.median ?? 0;
  return ratio === undefined ? 0 : Math.max(1 - ratio.low, ratio.high - 1) * reference;
}
