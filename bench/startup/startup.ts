import type { Table } from '../report/result.js';
import { timeCommands, timingRows } from '../support/commands.js';
import { NODE, startCommands } from './commands.js';

/**
 * Measures start → exec of `true`, which ends immediately, compared with a bare node and programs without node. Needs root.
 *
 * @param short runs briefly, to check that it works
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
