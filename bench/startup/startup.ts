import { formatSpread, pairedRatios, spread } from '../support/statistics.js';
import { buildTool, runTool } from '../support/tools.js';

/** What is started, whole processes, in this order in every round. The first is what the others are compared to. */
const COMMANDS: Readonly<Record<string, string>> = {
  'node -e 0': 'node\t-e\t0',
  'alfwrapper whitelist-private true': './alfwrapper\t--port\t0\twhitelist-private\ttrue',
  'alfwrapper whitelist (4 prefixes) true':
    './alfwrapper\t--port\t0\t--set\tallow4,0,10.0.0.0/8\t--set\tallow4,1,127.0.0.0/8\t--set\tallow6,0,::1/128\t--set\tallow6,1,fc00::/7\twhitelist\ttrue',
  'alfwrapper --allow private true': './alfwrapper\t--port\t0\t--tier\tebpf\t--allow\tprivate\ttrue',
  'systemd-socket-activate --help': 'systemd-socket-activate\t--help',
  true: 'true',
};

const WARM_UP = 3;

/**
 * Start → exec of `true`, beside a bare node and a C program in the same run.
 *
 * @param rounds how often each command is started
 */
export function benchStartup(rounds: number): void {
  const runs = measure(rounds + WARM_UP);
  const series = Object.keys(COMMANDS).map((name, index) => ({
    name,
    runs: runs.filter((run) => run.index === index).slice(WARM_UP),
  }));
  const floor = series[0]?.runs.map(({ ms }) => ms) ?? [];

  console.log(`start → exit, whole process, ${rounds} rounds in turn: median (quartiles)`);
  for (const { name, runs } of series) {
    const ms = runs.map((run) => run.ms);
    const ratio = formatSpread(spread(pairedRatios(ms, floor)), 2);
    const peak = spread(runs.map((run) => run.peakMiB)).median.toFixed(1);
    console.log(
      `  ${name.padEnd(40)} ${formatSpread(spread(ms), 1).padEnd(22)} ms  ${ratio.padEnd(20)} × node  ${peak} MiB`,
    );
  }
}

interface Run {
  readonly index: number;
  readonly ms: number;
  readonly peakMiB: number;
}

function measure(rounds: number): Run[] {
  const timer = buildTool('spawn-timer', 'bench/support/spawn-timer.c');
  return runTool(timer, [rounds, ...Object.values(COMMANDS)]).map(([index = 0, ns = 0, kib = 0, status]) => {
    if (status !== 0) throw new Error(`${Object.keys(COMMANDS)[index]} ended with status ${status}`);
    return { index, ms: ns / 1e6, peakMiB: kib / 1024 };
  });
}
