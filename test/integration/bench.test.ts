import { readdirSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import type { Table } from '../../bench/report/result.js';
import { readResults, SHORT } from '../../bench/report/store.js';
import { findControlGroups } from '../../bench/support/control-group.js';
import { commandsOf } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, run, start } from '../support/run.js';

/** npm asks the network for news of itself if it is allowed to. */
const ENV = cleanEnvironment({ HOME: process.env['HOME'] ?? '/', NO_UPDATE_NOTIFIER: '1' });

/** What a bench must have measured: its tables, and rows that show it had its peers. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  startup: { startup: ['node -e 0', 'a listener, in C', 'steer, 10 rules', 'ebpf, 10,000 prefixes'] },
  engines: { engines: ['shipped', 'clang, cached', 'clang, not cached', 'BCC'] },
  verify: { verify: ['policy', 'whitelist-private'] },
  classic: {
    'classic-verdict': ['tree 1,900 (2360 instructions)'],
    'classic-packet': [],
    'classic-growth': [],
  },
  verdict: { verdict: ['policy, IPv4 10', 'trie, IPv6 1,000'], 'verdict-trie': [], 'verdict-loading': [] },
  accept: { accept: ['systemd-socket-activate --accept', '--accept, ebpf', '--accept, steer'] },
  traffic: {
    'traffic-loopback': [
      'no filter',
      'eBPF, reads in place',
      'ebpf, 100,000',
      'steer, 1,900',
      'nftables set, 10,000',
    ],
    'traffic-veth': ['classic, 1,900', 'IPAddressAllow= (cgroup), 1,000', 'alfwrapper 2017, 15+15'],
  },
  speedtest: {
    'speedtest-ebpf': ['no filter', '15+15 rules', '10,000 prefixes'],
    'speedtest-steer': ['3,000 prefixes'],
  },
  load: {
    'load-time': ['alfwrapper, tier ebpf', 'nftables, interval set', 'ipset, hash:net'],
    'load-peak': [],
    'load-kernel': ["the kernel's trie, in C"],
  },
  commands: { commands: ['check', 'explain --tier ebpf', 'doctor'] },
};

/** Steered sockets have no datagrams to measure. */
const isLeftOut = (row: string, column: string) => row.startsWith('steer') && column.startsWith('UDP');

function checkTable({ id, columns, reference, rows }: Table): void {
  expect(rows.length, id).toBeGreaterThan(0);
  for (const { name, cells } of rows) {
    expect(cells, `${id}, ${name}`).toHaveLength(columns.length);
    for (const [i, cell] of cells.entries()) {
      const column = columns[i]?.name ?? '';
      expect(cell === null, `${id}, ${name}, ${column}`).toBe(isLeftOut(name, column));
      for (const spread of [cell?.cost, cell?.ratio])
        expect(Object.values(spread ?? {}).every(Number.isFinite), `${id}, ${name}, ${column}`).toBe(true);
    }
  }
  if (reference !== undefined) expect(rows.some(({ cells }) => cells.some((cell) => cell?.ratio))).toBe(true);
}

/** The commands of the document are run here in short mode, and in test/integration/speedtest.test.ts. */
const DOCUMENTED = ['npm run bench', 'npm run bench -- --compare', 'scripts/speedtest.sh'];

const bench = (...args: string[]) => run(['npm', 'run', '--silent', 'bench', '--', ...args], { env: ENV });

describeWith(['root', 'bpf', 'netns', 'nft', 'ipset', 'ncat', 'clang', 'bcc'], 'the benchmarks', () => {
  it('run to their end in short mode and measure what they are for', async () => {
    const { status, stderr } = await bench('--short');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const results = readResults(SHORT);
    expect(results.map(({ bench }) => bench)).toEqual(Object.keys(EXPECTED).sort());
    for (const { bench, short, machine, tables } of results) {
      expect(short).toBe(true);
      expect(machine.processors).toBeGreaterThan(0);
      const expected = EXPECTED[bench] ?? {};
      expect(tables.map(({ id }) => id)).toEqual(Object.keys(expected));
      for (const table of tables) {
        checkTable(table);
        expect(table.rows.map(({ name }) => name)).toEqual(
          expect.arrayContaining([...(expected[table.id] ?? [])]),
        );
      }
    }
  }, 600_000);

  it('removes what they have made when they are interrupted', async () => {
    const running = start(['node', '--import', 'tsx', 'bench/run.ts', 'traffic'], { env: ENV });
    const left = () => [
      ...readdirSync('/run/netns').filter((name) => name.startsWith(`alf-s-${running.pid}-`)),
      ...readdirSync(findControlGroups()).filter((name) => name.endsWith(`-${running.pid}`)),
    ];
    await vi.waitFor(() => expect(left().length).toBeGreaterThan(5), { timeout: 120_000, interval: 100 });
    const { status, stderr } = await running.kill('SIGTERM');
    expect(stderr).toMatch(/^bench: interrupted$/m);
    expect(status).toBe(143);
    expect(left()).toEqual([]);
  }, 240_000);

  it('has every command of its document tested', () => {
    expect(commandsOf('docs/performance.md')).toEqual(DOCUMENTED);
  });

  it('knows no benchmark by another name', async () => {
    const { status, stderr } = await bench('speed');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^bench: unable to find a benchmark speed\n {2}hint: there are: startup, engines, verify, /m,
    );
  });
});
