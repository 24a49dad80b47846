import { formatColumns } from '../support/columns.js';

/** What one run measured: ns for each packet by program and client, and what loading took. */
export type Measurement = Readonly<Record<string, number>> & {
  readonly family: number;
  readonly count: number;
};

const CLIENTS = ['hot_hit', 'hot_miss', 'miss', 'hit'] as const;

/** Lays measurements out as two tables: cost above the floor of a program that only reads, and loading. */
export function formatTable(measurements: readonly Measurement[]): string {
  const verdicts = measurements.map((m) => [
    `IPv${m.family} ${m.count}`,
    fixed(value(m, 'nothing miss')),
    fixed(value(m, 'only_reads miss')),
    ...CLIENTS.map((client) => above(m, client)),
  ]);
  const loads = measurements.map((m) => [
    `IPv${m.family} ${m.count}`,
    ...[
      'encode_ms',
      'load_ms',
      'change_ms',
      'page_ms',
      'swap_ms',
      'swap_worst_ms',
      'kernel_mib',
      'trie_fill_ms',
      'trie_mib',
    ].map((key) => value(m, key).toFixed(/^(swap|page|change)/.test(key) ? 3 : 1)),
  ]);
  return [
    'ns above a program that only reads the packet: policy / trie (policy ÷ floor, policy ÷ trie)',
    formatColumns([['set', 'nothing', 'floor', ...CLIENTS], ...verdicts]),
    'loading (ms, MiB)',
    formatColumns([
      ['set', 'encode', 'load', 'change', 'page', 'swap', 'worst', 'memory', 'trie fill', 'trie memory'],
      ...loads,
    ]),
  ].join('\n');
}

/** The cost of a program for a kind of client above the floor for the same kind. */
function above(m: Measurement, client: string): string {
  const floor = value(m, `only_reads ${client}`);
  const policy = value(m, `policy ${client}`) - floor;
  const trie = value(m, `trie ${client}`) - floor;
  return `${fixed(policy)} / ${fixed(trie)} (${(policy / floor).toFixed(2)}, ${(policy / trie).toFixed(2)})`;
}

function value(m: Measurement, key: string): number {
  return m[key] ?? Number.NaN;
}

function fixed(ns: number): string {
  return ns.toFixed(1);
}
