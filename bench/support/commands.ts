import { type Cell, makeCell } from '../report/result.js';
import { buildTool, runTool } from './tools.js';

/** Measurements of whole processes, one number a round. */
export interface Timing {
  readonly ms: readonly number[];
  /** Of the process, also after its exec, not of its children. */
  readonly peakMiB: readonly number[];
}

/** Warm-up rounds: files are read into memory, caches are written. */
const WARM_UP = 1;

/**
 * Runs whole commands from start to exit, all of them in each round, in random order.
 *
 * @param commands by name; no argument has a tab
 * @throws Error if a status is not 0
 */
export function timeCommands<Name extends string>(
  commands: Readonly<Record<Name, readonly string[]>>,
  rounds: number,
): Record<Name, Timing> {
  const timer = buildTool('spawn-timer', 'bench/support/spawn-timer.c');
  const names = Object.keys(commands) as Name[];
  const runs = runTool(timer, [WARM_UP + rounds, ...names.map((name) => commands[name].join('\t'))]);
  const timings = names.map((name, index) => {
    const own = runs.filter(([of]) => of === index);
    const failed = own.find(([, , , status]) => status !== 0);
    if (failed !== undefined) throw new Error(`${name} ended with status ${(failed[3] ?? 0) >> 8}`);
    const counted = own.slice(WARM_UP);
    const timing: Timing = {
      ms: counted.map(([, ns = 0]) => ns / 1e6),
      peakMiB: counted.map(([, , kib = 0]) => kib / 1024),
    };
    return [name, timing] as const;
  });
  return Object.fromEntries(timings) as Record<Name, Timing>;
}

/** Rows of a table of timings: time, ratio to the reference, and peak memory. */
export function timingRows(
  timings: Readonly<Record<string, Timing>>,
  reference: string,
): { name: string; cells: Cell[] }[] {
  const floor = timings[reference]?.ms;
  return Object.entries(timings).map(([name, { ms, peakMiB }]) => ({
    name,
    cells: [makeCell(ms, floor), makeCell(peakMiB)],
  }));
}
