import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createNetwork } from '../../test/support/hosts.js';
import { makeCell, type Table } from '../report/result.js';
import { benchEnvironment, buildTool, runTool } from '../support/tools.js';

/** The reference command. */
const SYSTEMD = 'systemd-socket-activate --accept';

const ALLOW = ['--allow', 'localhost'];
const ACCEPT = ['--accept', '--inetd', '--max-connections', '1024', '--max-per-source', '1000'];

/** The servers by name, as a command for a port. Each runs cat(1) for a connection. */
const SERVERS: Readonly<Record<string, (port: string) => readonly string[]>> = {
  [SYSTEMD]: (port) => ['systemd-socket-activate', '-l', port, '--accept', '--inetd', 'cat'],
  '--accept, ebpf': (port) => ours(port, 'ebpf', ...ACCEPT, '--', 'cat'),
  '--accept, classic': (port) => ours(port, 'classic', ...ACCEPT, '--', 'cat'),
  '--accept, steer': (port) => ours(port, 'steer', ...ACCEPT, '--', 'cat'),
  'ebpf, then systemd-socket-activate --accept': (port) =>
    ours(port, 'ebpf', '--', 'systemd-socket-activate', '--accept', '--inetd', 'cat'),
};

/** The memory layout affects the speed of a server, so all are restarted for each launch. */
const EFFORT = {
  short: { launches: 1, rounds: 1, count: 20 },
  full: { launches: 7, rounds: 4, count: 200 },
} as const;
const FIRST_PORT = 7000;

/**
 * Measures how many connections per second each server handles with one process for each, all servers in turn.
 *
 * Needs root and systemd-socket-activate.
 *
 * @param short runs briefly, to check that it works
 */
export async function benchAccept(short: boolean): Promise<readonly Table[]> {
  const { launches, rounds, count } = short ? EFFORT.short : EFFORT.full;
  const names = Object.keys(SERVERS);
  const rate = buildTool('rate', 'bench/accept/rate.c', '-lpthread');
  const samples: number[][] = [];
  for (let launch = 0; launch < launches; launch++)
    samples.push(...(await measureLaunch(rate, rounds, count)));
  const ratesOf = (index: number) =>
    samples.filter(([server]) => server === index).map(([, ns = 0]) => (count / ns) * 1e9);
  return [
    {
      id: 'accept',
      title: 'Connections that get a process each, and an answer from it; four clients at once',
      columns: [{ name: 'connections', unit: '/s', digits: 0 }],
      reference: SYSTEMD,
      ratios: 'times',
      rows: names.map((name, i) => ({ name, cells: [makeCell(ratesOf(i), ratesOf(0), launches)] })),
    },
  ];
}

/** Starts all servers, measures them in turn, and ends them. @returns a server's number and ns for each of its rounds */
async function measureLaunch(rate: string, rounds: number, count: number): Promise<number[][]> {
  const network = createNetwork();
  const [program = '', ...where] = network.server;
  const ports = Object.keys(SERVERS).map((_, i) => FIRST_PORT + i);
  const servers = Object.values(SERVERS).map((command, i) =>
    // systemd-socket-activate writes five lines for a connection, which are not measured.
    spawn(program, [...where, ...command(`127.0.0.1:${ports[i]}`)], {
      stdio: 'ignore',
      env: benchEnvironment(),
    }),
  );
  try {
    return runTool(program, [...where, rate, rounds, count, ...ports]);
  } finally {
    // Their CPU time and that of their children counts for this process only after they have ended.
    await Promise.all(servers.map(endServer));
    network.remove();
  }
}

async function endServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill();
  await once(server, 'exit');
}

function ours(port: string, tier: string, ...rest: readonly string[]): readonly string[] {
  return ['./alfwrapper', '--listen', port, '--tier', tier, ...ALLOW, ...rest];
}
