import { type Cell, makeCell, type Table } from '../report/result.js';
import { timeCommands } from '../support/commands.js';
import { measureKernelMemory, memoryFreed } from './kernel-memory.js';
import { type Loader, makeLoaders, OURS } from './loaders.js';

/** The number of loads of each size, for time and for memory. */
const ROUNDS = {
  short: { 10: [1, 1], 1000: [1, 1] },
  full: {
    10: [16, 3],
    1000: [16, 3],
    10000: [16, 3],
    100000: [8, 3],
    1000000: [5, 1],
  },
} as const;

/** The measurements of one size, by loader. */
interface Measured {
  readonly size: number;
  readonly loaders: readonly Loader[];
  readonly time: readonly Cell[];
  readonly peak: readonly Cell[];
  readonly kernel: readonly Cell[];
}

/**
 * Measures loading a list: whole processes, from their start with a text file to their end, their memory,
 * and the kernel's. Needs root, nft and ipset.
 *
 * @param short runs briefly, to check that it works
 */
export async function benchLoad(short: boolean): Promise<Table[]> {
  const measured: Measured[] = [];
  for (const [size, [times, memories]] of Object.entries(short ? ROUNDS.short : ROUNDS.full)) {
    measured.push(await measure(Number(size), times, memories));
  }
  return [
    table('load-time', 'From the start of a process to a list in force and its exit', 'ms', measured, 'time'),
    table('load-peak', 'Peak memory of the process', 'MiB', measured, 'peak'),
    table('load-kernel', 'Memory in the kernel while the list is in force', 'MiB', measured, 'kernel'),
  ];
}

async function measure(size: number, times: number, memories: number): Promise<Measured> {
  const loaders = makeLoaders(size);
  const timed = timeCommands(Object.fromEntries(loaders.map(({ name, once }) => [name, once])), times);
  const timings = loaders.map(({ name }) => timed[name]);
  const ours = timed[OURS];
  await memoryFreed();
  const kernel: Cell[] = [];
  for (const { hold } of loaders) {
    const mib: number[] = [];
    for (let i = 0; i < memories; i++) mib.push(await measureKernelMemory(hold));
    kernel.push(makeCell(mib));
  }
  return {
    size,
    loaders,
    time: timings.map((timing) => makeCell(timing?.ms ?? [], ours?.ms)),
    peak: timings.map((timing) => makeCell(timing?.peakMiB ?? [])),
    kernel,
  };
}

function table(
  id: string,
  title: string,
  unit: string,
  measured: readonly Measured[],
  what: 'time' | 'peak' | 'kernel',
): Table {
  return {
    id,
    title,
    columns: measured.map(({ size }) => ({
      name: size.toLocaleString('en'),
      unit,
      digits: unit === 'ms' ? 0 : 1,
    })),
    ...(what === 'time' && { reference: OURS }),
    ratios: 'times',
    rows: (measured[0]?.loaders ?? []).map(({ name }, i) => ({
      name,
      cells: measured.map((each) => each[what][i] ?? null),
    })),
  };
}
