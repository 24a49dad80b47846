import { makeCell, type Row, type Table } from '../report/result.js';
import { pairedRatios } from '../support/statistics.js';

/** The measurements of one run. */
export interface Measurement {
  readonly family: number;
  readonly count: number;
  /** The number of launches of the values below, which are consecutive. */
  readonly launches: number;
  /** ns for each packet in each round, by program and client, `policy hot_hit`; and the cost of loading, once. */
  readonly [key: string]: number | readonly number[];
}

const CLIENTS = ['hot_hit', 'hot_miss', 'miss', 'hit'] as const;

/** The costs of loading, by their name in a measurement. */
const LOADING: Readonly<Record<string, { name: string; unit: string; digits: number }>> = {
  encode_ms: { name: 'laid out', unit: 'ms', digits: 1 },
  load_ms: { name: 'put in force', unit: 'ms', digits: 1 },
  change_ms: { name: 'an entry changed', unit: 'ms', digits: 3 },
  page_ms: { name: 'a page written', unit: 'ms', digits: 3 },
  swap_ms: { name: 'swap', unit: 'ms', digits: 3 },
  swap_worst_ms: { name: 'worst of 11', unit: 'ms', digits: 3 },
  kernel_mib: { name: 'memory', unit: 'MiB', digits: 1 },
  trie_fill_ms: { name: 'a trie filled', unit: 'ms', digits: 1 },
  trie_mib: { name: 'its memory', unit: 'MiB', digits: 1 },
};

/** Measurements as tables: the cost of a packet above one that is only read, compared with a trie, and loading. */
export function makeTables(measurements: readonly Measurement[]): readonly Table[] {
  const clients = (unit: string, digits: number) =>
    CLIENTS.map((client) => ({ name: client.replace('_', ' '), unit, digits }));
  return [
    {
      id: 'verdict',
      title: 'ns above a program that only reads the packet, and × what that one costs',
      columns: [
        ...['nothing', 'only reads'].map((name) => ({ name, unit: 'ns', digits: 1 })),
        ...clients('ns', 1),
      ],
      reference: 'a program that only reads',
      ratios: 'times',
      rows: (['policy', 'trie'] as const).flatMap((program) =>
        measurements.map((m) => verdictRow(m, program)),
      ),
    },
    {
      id: 'verdict-trie',
      title: 'The policy to the trie',
      columns: clients('×', 3),
      ratios: 'times',
      rows: measurements.map((m) => ({
        name: nameOf(m),
        cells: CLIENTS.map((client) =>
          makeCell(pairedRatios(above(m, 'policy', client), above(m, 'trie', client)), undefined, m.launches),
        ),
      })),
    },
    {
      id: 'verdict-loading',
      title: 'Loading',
      columns: Object.values(LOADING),
      ratios: 'times',
      rows: measurements.map((m) => ({
        name: nameOf(m),
        cells: Object.keys(LOADING).map((key) => makeCell(values(m, key))),
      })),
    },
  ];
}

function verdictRow(m: Measurement, program: 'policy' | 'trie'): Row {
  return {
    name: `${program}, ${nameOf(m)}`,
    point: { series: `${program}, IPv${m.family}`, size: m.count },
    cells: [
      makeCell(values(m, 'nothing miss')),
      makeCell(values(m, 'only_reads miss')),
      ...CLIENTS.map((client) =>
        makeCell(above(m, program, client), values(m, `only_reads ${client}`), m.launches),
      ),
    ],
  };
}

function nameOf({ family, count }: Measurement): string {
  return `IPv${family} ${count.toLocaleString('en')}`;
}

/** The cost of a program for a kind of client above the floor for the same kind, round by round. */
function above(m: Measurement, program: 'policy' | 'trie', client: string): number[] {
  const floor = values(m, `only_reads ${client}`);
  return values(m, `${program} ${client}`).map((ns, i) => ns - (floor[i] ?? Number.NaN));
}

function values(m: Measurement, key: string): readonly number[] {
  const value = m[key] ?? [];
  return typeof value === 'number' ? [value] : value;
}
