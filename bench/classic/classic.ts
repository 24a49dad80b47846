import { writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { assemble, type Program, uapi } from '../../src/cbpf/index.js';
import { firstWord } from '../support/block-list.js';
import { formatColumns } from '../support/columns.js';
import { formatSpread, spread } from '../support/statistics.js';
import { BENCH_BUILD, buildTool, runTool } from '../support/tools.js';
import { allows, dropAll, FLOOR, KINDS } from './programs.js';

const SIZES = [10, 100, 1000, 1900];
const SENDERS = 4096;
const STRANGER = 0x80000000;

/** Whom packets come from, by number of a set with `count` members: those below `count` are in it. */
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

/**
 * What the verdict of a block list costs per packet on the tiers `classic` and `steer`: the compiler's tree, and what one
 * would write by hand. Needs no privilege: programs of datagrams between two sockets of one process.
 *
 * @param short shows only that it runs
 */
export function benchClassic(short: boolean): void {
  const cases = Object.entries(KINDS).flatMap(([kind, make]) =>
    SIZES.map((count) => ({ kind, count, program: make(count) })).filter(fits),
  );
  const rounds = short ? 2 : 31;
  const costs = measure(cases, rounds, short ? SENDERS : 4 * SENDERS);

  console.log('a classic program: ns above one that returns at once, median (quartiles) of');
  console.log(`${rounds} rounds; hot is one client again and again`);
  const rows = cases.map(({ kind, count, program }, i) => [
    `${kind} ${count}`,
    String(program.length),
    ...(costs[i] ?? []).map((ns) => formatSpread(spread(ns), 1)),
  ]);
  console.log(formatColumns([['program', 'instructions', ...Object.keys(DRAWS)], ...rows]));
  printGrowth(cases, costs);
}

function fits({ program }: Case): boolean {
  return program.length <= uapi.BPF_MAXINSNS;
}

/** The ratio that is promised: 1,900 prefixes cost at most twice what 10 do. */
function printGrowth(cases: readonly Case[], costs: readonly (readonly number[][])[]): void {
  const medians = [10, 1900].map((size) => {
    const at = cases.findIndex(({ kind, count }) => kind === 'tree' && count === size);
    return (costs[at] ?? []).map((ns) => spread(ns).median);
  });
  const [small = [], large = []] = medians;
  const ratios = Object.keys(DRAWS).map(
    (draw, i) => `${draw} ${((large[i] ?? 0) / (small[i] ?? 0)).toFixed(1)}`,
  );
  console.log(`tree 1900 ÷ tree 10: ${ratios.join(', ')}\n`);
}

/** ns above the floor by case, draw and round. */
function measure(cases: readonly Case[], rounds: number, repeat: number): number[][][] {
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
  const costs = cases.map(() => Object.keys(DRAWS).map((): number[] => []));
  for (const [program = 0, draw = 0, ns = 0, floor = 0] of runTool(runner, [jobs, rounds, repeat])) {
    costs[program]?.[draw]?.push(ns - floor);
  }
  return costs;
}

/** A program that is fast because it is wrong would be no news. */
function checkVerdicts({ kind, count, program }: Case, sources: readonly (readonly number[])[]): void {
  const tree = KINDS['tree']?.(count) ?? [];
  for (const source of sources.flat()) {
    if (allows(program, source) !== allows(tree, source)) throw new Error(`${kind} ${count}: ${source}`);
  }
  const [hits = [], misses = [], hot = []] = sources;
  const denied = [...hits, ...hot].every((source) => !allows(program, source));
  if (!denied || !misses.some((source) => allows(program, source))) throw new Error(`${kind} ${count}`);
}

/** u32 programs, draws, senders; the floor and each program as u32 length and instructions; then all sources. */
function encodeJobs(cases: readonly Case[], sources: readonly (readonly number[][])[]): Buffer {
  const programs = [FLOOR, ...cases.map(({ program }) => dropAll(program))];
  return Buffer.concat([
    words([cases.length, Object.keys(DRAWS).length, SENDERS]),
    ...programs.flatMap((program) => [words([program.length]), assemble(program)]),
    ...sources.flat().map((list) => (endianness() === 'LE' ? words(list).swap32() : words(list))),
  ]);
}

function words(values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

/** Draws members in no order that a processor could foresee. */
function scatter(i: number): number {
  return firstWord(4, i ^ 0x2545f491);
}
