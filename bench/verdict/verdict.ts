import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import {
  changeAddresses,
  encodePolicy,
  Field,
  type Image,
  PAGE_BYTES,
} from '../../src/compile/table/index.js';
import type { Policy } from '../../src/policy/index.js';
import type { Table } from '../report/result.js';
import { blockList, firstWord } from '../support/block-list.js';
import { denyList } from '../support/deny-list.js';
import { compactMemory } from '../support/machine.js';
import { spread } from '../support/statistics.js';
import { BENCH_BUILD, buildObject, buildTool } from '../support/tools.js';
import { makeTables } from './table.js';

/**
 * Measures the verdict of a block list per packet on the tier `ebpf`, compared with the kernel's trie, and loading and
 * changing it. Needs root, clang and libbpf's headers.
 *
 * @param short runs briefly, to check that it works
 */
export function benchVerdict(short: boolean): readonly Table[] {
  const { launches, rounds, repeat } = short ? EFFORT.short : EFFORT.full;
  const object = buildObject('verdict', 'bench/verdict/verdict.bpf.c');
  const runner = buildTool('verdict-run', 'bench/verdict/run.c', '-lbpf');
  const sizes = short ? [10, 1000] : [10, 100, 1000, 10_000, 100_000, 1_000_000];
  const lists = ([4, 6] as const).flatMap((family) => sizes.map((count) => encode(family, count)));
  try {
    const runs = lists.map((): Run[] => []);
    for (let launch = 0; launch < launches; launch++) {
      for (const [i, { path, family, count }] of lists.entries()) {
        compactMemory();
        const args = [object, path, family, count, rounds, repeat].map(String);
        runs[i]?.push(JSON.parse(execFileSync(runner, args, { encoding: 'utf8' })) as Run);
      }
    }
    return makeTables(
      lists.map(({ family, count, encodeMs, changeMs }, i) => ({
        ...joinRuns(runs[i] ?? []),
        ...{ family, count, launches, encode_ms: encodeMs, change_ms: changeMs },
      })),
    );
  } finally {
    for (const { path } of lists) rmSync(path, { force: true });
  }
}

/** The memory layout of a list affects the result, so each launch is repeated. Each round has `repeat` packets. */
const EFFORT = {
  short: { launches: 1, rounds: 2, repeat: 20_000 },
  full: { launches: 7, rounds: 3, repeat: 100_000 },
} as const;

/** The output of one run of the runner, by name. */
type Run = Readonly<Record<string, number | readonly number[]>>;

/** A block list whose image is in a file, and the ms to encode and to change it. */
interface List {
  readonly path: string;
  readonly family: 4 | 6;
  readonly count: number;
  readonly encodeMs: number;
  readonly changeMs: number;
}

function encode(family: 4 | 6, count: number): List {
  const policy = denyList(blockList(family, count));
  // The first encoding also compiles the encoder; a launch pays this once for any size.
  encodePolicy(denyList(blockList(family, 1000)));
  const start = performance.now();
  const image = encodePolicy(policy);
  const encodeMs = performance.now() - start;
  const path = `${BENCH_BUILD}/verdict-${family}-${count}.image`;
  writeFileSync(path, image.words.subarray(0, image.pages * (PAGE_BYTES / 4)));
  return { path, family, count, encodeMs, changeMs: timeChange(image, policy, family) };
}

/** The measurements of several runs, consecutively. */
function joinRuns(runs: readonly Run[]): Readonly<Record<string, readonly number[]>> {
  const keys = Object.keys(runs[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, runs.flatMap((run) => run[key] ?? [])]));
}

/** Median ms to update the image after one prefix; the prefix does not change, which costs the same. */
function timeChange(image: Image, policy: Policy, family: 4 | 6): number {
  const field = family === 4 ? Field.source4 : Field.source6;
  const times = Array.from({ length: 51 }, (_, i) => {
    const word = firstWord(family, i % 10);
    const start = performance.now();
    changeAddresses(image, policy, field, { first: word, last: word });
    return performance.now() - start;
  });
  return spread(times).median;
}
