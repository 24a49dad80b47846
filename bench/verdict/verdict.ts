import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { changeAddresses, encodePolicy, Field, type Image, PAGE_BYTES } from '../../src/abi/policy/index.js';
import type { Policy } from '../../src/policy/index.js';
import type { Table } from '../report/result.js';
import { blockList, firstWord } from '../support/block-list.js';
import { denyList } from '../support/deny-list.js';
import { spread } from '../support/statistics.js';
import { BENCH_BUILD, buildObject, buildTool } from '../support/tools.js';
import { type Measurement, makeTables } from './table.js';

/**
 * What the verdict of a block list costs per packet on the tier `ebpf`, beside the kernel's trie, and what loading and
 * changing it costs. Needs root, clang and libbpf's headers.
 *
 * @param short shows only that it runs
 */
export function benchVerdict(short: boolean): readonly Table[] {
  const tools = {
    object: buildObject('verdict', 'bench/verdict/verdict.bpf.c'),
    runner: buildTool('verdict-run', 'bench/verdict/run.c', '-lbpf'),
    image: `${BENCH_BUILD}/verdict.image`,
  };
  const sizes = short ? [10, 1000] : [10, 100, 1000, 10_000, 100_000, 1_000_000];
  try {
    const measurements = ([4, 6] as const).flatMap((family) =>
      sizes.map((count) =>
        measure(
          tools,
          family,
          count,
          short ? { loads: 1, rounds: 2, repeat: 20_000 } : { loads: 3, rounds: 4, repeat: 150_000 },
        ),
      ),
    );
    return makeTables(measurements);
  } finally {
    rmSync(tools.image, { force: true });
  }
}

interface Tools {
  readonly object: string;
  readonly runner: string;
  readonly image: string;
}

interface Effort {
  /** Where a list comes to lie in memory matters: it is part of the spread. */
  readonly loads: number;
  readonly rounds: number;
  /** Packets each. */
  readonly repeat: number;
}

function measure(tools: Tools, family: 4 | 6, count: number, { loads, rounds, repeat }: Effort): Measurement {
  const policy = denyList(blockList(family, count));
  // The first encoding also compiles the encoder; a launch pays for that, too, but once for any size.
  encodePolicy(denyList(blockList(family, 1000)));
  const start = performance.now();
  const image = encodePolicy(policy);
  const encodeMs = performance.now() - start;
  writeFileSync(tools.image, image.words.subarray(0, image.pages * (PAGE_BYTES / 4)));
  const changeMs = timeChange(image, policy, family);
  const args = [tools.object, tools.image, family, count, rounds, repeat].map(String);
  const runs = Array.from({ length: loads }, () => execFileSync(tools.runner, args, { encoding: 'utf8' }));
  const measured = joinRuns(runs.map((line) => JSON.parse(line) as Measurement));
  return { ...measured, family, count, encode_ms: encodeMs, change_ms: changeMs };
}

/** What several runs measured, one behind the other. */
function joinRuns(runs: readonly Measurement[]): Readonly<Record<string, readonly number[]>> {
  const keys = Object.keys(runs[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, runs.flatMap((run) => run[key] ?? [])]));
}

/** Median ms of bringing the image up to date after one prefix, which stays as it was: what it costs is the same. */
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
