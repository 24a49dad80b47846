import type { Table } from '../report/result.js';
import { timeCommands, timingRows } from '../support/commands.js';
import { NODE, startCommands } from './commands.js';

/**
 * Start → exec of `true`, which ends at once, beside a bare node and what needs no node at all. Needs root.
 *
 * @param short shows only that it runs
 */
export function benchStartup(short: boolean): readonly Table[] {
  const timings = timeCommands(startCommands(), short ? 1 : 21);
  return [
    {
      id: 'startup',
      title: 'Start → exec, whole processes',
      columns: [
        { name: 'start → exec', unit: 'ms', digits: 1 },
        { name: 'peak memory', unit: 'MiB', digits: 1 },
      ],
      reference: NODE,
      ratios: 'times',
      rows: timingRows(timings, NODE),
    },
  ];
}
