import { writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { assemble, type Program, uapi } from '../../src/bpf/cbpf/index.js';
import { type Cell, makeCell, type Row, type Table } from '../report/result.js';
import { firstWord } from '../support/block-list.js';
import { spread } from '../support/statistics.js';
import { BENCH_BUILD, buildTool, runTool } from '../support/tools.js';
import { allows, FLOOR, KINDS, verdictForAll } from './programs.js';

const SIZES = [10, 100, 1000, 1900];
const SENDERS = 4096;

/** The memory layout of programs affects the result, so they are attached again. Each round has `repeat` packets. */
const EFFORT = {
  short: { launches: 1, rounds: 2, repeat: SENDERS },
  full: { launches: 7, rounds: 5, repeat: 2 * SENDERS },
} as const;

const STRANGER = 0x80000000;

/** The senders of packets, as numbers: those below `count` are members of the set. */
const DRAWS: Readonly<Record<string, (i: number, count: number) => number>> = {
  hit: (i, count) => scatter(i) % count,
  miss: (i) => STRANGER + i,
  hot: (_, count) => count >> 1,
};

interface Case {
  readonly kind: string;
  readonly count: number;
  readonly program: Program;
}

/** ns for each packet, one for each round, of one program and draw. */
interface Costs {
  /** Above a program that returns immediately. */
  readonly above: number[];
  /** From sending to receiving. */
  readonly kept: number[];
  /** The same without a filter. */
  readonly unfiltered: number[];
}

/**
 * Measures the verdict of a block list per packet on the tiers `classic` and `steer`: the compiler's tree, and
 * hand-written programs. Needs no privilege: programs filter datagrams between two sockets of one process.
 *
 * @param short runs briefly, to check that it works
 */
export function benchClassic(short: boolean): readonly Table[] {
  const cases = Object.entries(KINDS).flatMap(([kind, make]) =>
    SIZES.map((count) => ({ kind, count, program: make(count) })).filter(fits),
  );
  const { launches, rounds, repeat } = short ? EFFORT.short : EFFORT.full;
  const costs = measure(cases, launches, rounds, repeat);
  const at = (count: number) => cases.findIndex((each) => each.kind === 'tree' && each.count === count);
  return [
    makeTable('classic-verdict', 'ns of a classic program above one that returns at once', cases, (i) =>
      (costs[i] ?? []).map(({ above }) => makeCell(above, undefined, launches)),
    ),
    makeTable(
      'classic-packet',
      'A local datagram with a classic program, sent and received, to none',
      cases,
      (i) => (costs[i] ?? []).map(({ kept, unfiltered }) => makeCell(kept, unfiltered, launches)),
    ),
    growthTable(costs[at(10)] ?? [], costs[at(1900)] ?? []),
  ];
}

function makeTable(
  id: string,
  title: string,
  cases: readonly Case[],
  cellsOf: (index: number) => Cell[],
): Table {
  const columns = Object.keys(DRAWS).map((name) => ({ name, unit: 'ns', digits: 1 }));
  const rows = cases.map(
    ({ kind, count, program }, i): Row => ({
      name: `${kind} ${count.toLocaleString('en')} (${program.length} instructions)`,
      point: { series: kind, size: count },
      cells: cellsOf(i),
    }),
  );
  return { id, title, columns, ratios: 'times', rows };
}

/** The ratio of 1,900 prefixes to 10: of verdicts, of the cost of a filter, and of whole packets. */
function growthTable(small: readonly Costs[], large: readonly Costs[]): Table {
  const medianOf = (costs: readonly number[]) => spread(costs).median;
  const added = ({ kept, unfiltered }: Costs) => medianOf(kept.map((ns, i) => ns - (unfiltered[i] ?? 0)));
  const terms: Readonly<Record<string, (costs: Costs) => number>> = {
    'above a program that returns at once': ({ above }) => medianOf(above),
    'above no filter': added,
    'the whole packet': ({ kept }) => medianOf(kept),
  };
  const rows = Object.entries(terms).map(([name, costOf]): Row => {
    const ratios = large.map((costs, i) => costOf(costs) / costOf(small[i] ?? costs));
    return { name, cells: ratios.map((ratio) => makeCell([ratio])) };
  });
  const columns = Object.keys(DRAWS).map((name) => ({ name, unit: '×', digits: 2 }));
  return {
    id: 'classic-growth',
    title: 'The tree of 1,900 prefixes to that of 10',
    columns,
    ratios: 'times',
    rows,
  };
}

function fits({ program }: Case): boolean {
  return program.length <= uapi.BPF_MAXINSNS;
}

/** Costs by case and draw. */
function measure(cases: readonly Case[], launches: number, rounds: number, repeat: number): Costs[][] {
  const sources = cases.map(({ count }) =>
    Object.values(DRAWS).map((draw) =>
      Array.from({ length: SENDERS }, (_, i) => firstWord(4, draw(i, count))),
    ),
  );
  cases.forEach((each, i) => {
    checkVerdicts(each, sources[i] ?? []);
  });
  const jobs = `${BENCH_BUILD}/classic.jobs`;
  const runner = buildTool('classic-run', 'bench/classic/run.c');
  writeFileSync(jobs, encodeJobs(cases, sources));
  const costs = cases.map(() =>
    Object.keys(DRAWS).map((): Costs => ({ above: [], kept: [], unfiltered: [] })),
  );
  for (let launch = 0; launch < launches; launch++) {
    for (const [program = 0, draw = 0, ...ns] of runTool(runner, [jobs, rounds, repeat])) {
      const [dropped = 0, floor = 0, kept = 0, unfiltered = 0] = ns;
      const of = costs[program]?.[draw];
      of?.above.push(dropped - floor);
      of?.kept.push(kept);
      of?.unfiltered.push(unfiltered);
    }
  }
  return costs;
}

/** Checks the verdicts of the programs: a wrong program may be fast. */
function checkVerdicts({ kind, count, program }: Case, sources: readonly (readonly number[])[]): void {
  const tree = KINDS['tree']?.(count) ?? [];
  for (const source of sources.flat()) {
    if (allows(program, source) !== allows(tree, source)) throw new Error(`${kind} ${count}: ${source}`);
  }
  const [hits = [], misses = [], hot = []] = sources;
  const denied = [...hits, ...hot].every((source) => !allows(program, source));
  if (!denied || !misses.some((source) => allows(program, source))) throw new Error(`${kind} ${count}`);
}

/** u32 programs, draws, senders; the floor and each program, twice, as u32 length and instructions; then all sources. */
function encodeJobs(cases: readonly Case[], sources: readonly (readonly number[][])[]): Buffer {
  const verdicts = ['deny', 'allow'] as const;
  const programs = [FLOOR, ...cases.map(({ program }) => program)].flatMap((program) =>
    verdicts.map((verdict) => verdictForAll(program, verdict)),
  );
  return Buffer.concat([
    words([cases.length, Object.keys(DRAWS).length, SENDERS]),
    ...programs.flatMap((program) => [words([program.length]), assemble(program)]),
    ...sources.flat().map((list) => (endianness() === 'LE' ? words(list).swap32() : words(list))),
  ]);
}

function words(values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

/** Draws members in an order that a processor cannot predict. */
function scatter(i: number): number {
  return firstWord(4, i ^ 0x2545f491);
}
