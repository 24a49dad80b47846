import { makeCell, type Row, type Table } from '../report/result.js';
import { buildTool, runTool } from '../support/tools.js';
import { NODE, startCommands } from './commands.js';

const WARM_UP = 2;

/**
 * Start → exec of `true`, which ends at once, beside a bare node and what needs no node at all. Needs root.
 *
 * @param short shows only that it runs
 */
export function benchStartup(short: boolean): readonly Table[] {
  const commands = startCommands();
  const names = Object.keys(commands);
  const runs = measure(Object.values(commands), names, (short ? 1 : 31) + WARM_UP);
  const of = (index: number) => runs.filter((run) => run.index === index).slice(WARM_UP);
  const node = of(names.indexOf(NODE)).map(({ ms }) => ms);
  const rows = names.map((name, index): Row => {
    const started = of(index);
    const ms = started.map((run) => run.ms);
    return { name, cells: [makeCell(ms, node), makeCell(started.map((run) => run.peakMiB))] };
  });
  const columns = [
    { name: 'start → exec', unit: 'ms', digits: 1 },
    { name: 'peak memory', unit: 'MiB', digits: 1 },
  ];
  return [
    {
      id: 'startup',
      title: 'Start → exec, whole processes',
      columns,
      reference: NODE,
      ratios: 'times',
      rows,
    },
  ];
}

interface Run {
  readonly index: number;
  readonly ms: number;
  readonly peakMiB: number;
}

function measure(commands: readonly (readonly string[])[], names: readonly string[], rounds: number): Run[] {
  const timer = buildTool('spawn-timer', 'bench/support/spawn-timer.c');
  const words = commands.map((command) => command.join('\t'));
  return runTool(timer, [rounds, ...words]).map(([index = 0, ns = 0, kib = 0, status]) => {
    if (status !== 0) throw new Error(`${names[index]} ended with status ${status}`);
    return { index, ms: ns / 1e6, peakMiB: kib / 1024 };
  });
}
