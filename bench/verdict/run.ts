import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changeAddresses, encodePolicy, Field, type Image, PAGE_BYTES } from '../../src/abi/policy/index.js';
import type { Policy } from '../../src/policy/index.js';
import { blockList, firstWord } from './sets.js';
import { formatTable, type Measurement } from './table.js';

/**
 * `tsx bench/verdict/run.ts [--short]`: what the verdict of a block list costs per packet, and loading it.
 *
 * The table goes to stderr, one JSON document to stdout. Needs root, clang and libbpf-dev.
 */
function main(short: boolean): void {
  const directory = mkdtempSync(join(tmpdir(), 'alf-verdict-'));
  try {
    const tools = build(directory);
    const sizes = short ? [10, 1000, 100_000] : [10, 100, 1000, 10_000, 100_000, 1_000_000];
    const measurements = [4, 6].flatMap((family) =>
      sizes.map((count) => measure(tools, family as 4 | 6, count, short ? 3 : 7)),
    );
    process.stderr.write(formatTable(measurements));
    process.stdout.write(`${JSON.stringify(measurements, undefined, 1)}\n`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Tools {
  readonly object: string;
  readonly runner: string;
  readonly image: string;
}

function build(directory: string): Tools {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const tools = {
    object: join(directory, 'verdict.bpf.o'),
    runner: join(directory, 'run'),
    image: join(directory, 'image'),
  };
  const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const includes = [`-I/usr/include/${multiarch}`, `-I${here}../../ebpf/include`];
  const flags = ['-target', 'bpf', '-g', '-O2', '-mcpu=v3', ...includes];
  execFileSync('clang', [...flags, '-c', join(here, 'verdict.bpf.c'), '-o', tools.object]);
  execFileSync('cc', ['-O2', join(here, 'run.c'), '-o', tools.runner, '-lbpf']);
  return tools;
}

function measure(tools: Tools, family: 4 | 6, count: number, rounds: number): Measurement {
  const policy = denyList(family, count);
  // The first encoding also compiles the encoder; a launch pays for that, too, but once for any size.
  encodePolicy(denyList(family, 1000));
  const start = performance.now();
  const image = encodePolicy(policy);
  const encodeMs = performance.now() - start;
  writeFileSync(tools.image, image.words.subarray(0, image.pages * (PAGE_BYTES / 4)));
  const changeMs = timeChange(image, policy, family);
  const repeat = 200_000;
  const args = [tools.object, tools.image, family, count, rounds, repeat].map(String);
  const line = execFileSync(tools.runner, args, { encoding: 'utf8' });
  return {
    ...(JSON.parse(line) as Measurement),
    encode_ms: encodeMs,
    change_ms: changeMs,
  } as Measurement;
}

/** Median ms of bringing the image up to date after one prefix, which stays as it was: what it costs is the same. */
function timeChange(image: Image, policy: Policy, family: 4 | 6): number {
  const field = family === 4 ? Field.source4 : Field.source6;
  const times: number[] = [];
  for (let i = 0; i < 51; i++) {
    const word = firstWord(family, i % 10);
    const start = performance.now();
    changeAddresses(image, policy, field, { first: word, last: word });
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[25] ?? 0;
}

function denyList(family: 4 | 6, count: number): Policy {
  const anything = {
    interfaces: undefined,
    protocols: undefined,
    sourcePorts: undefined,
    destination: undefined,
    destinationPorts: undefined,
  };
  const match = { ...anything, source: blockList(family, count) };
  const location = { file: 'bench', line: 1, column: 1 };
  return { rules: [{ verdict: 'deny', match, location, text: '' }], default: 'allow' };
}

main(process.argv.includes('--short'));
