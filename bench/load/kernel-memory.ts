import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchEnvironment } from '../support/tools.js';

/** Memory is stable if two readings differ by fewer MiB. */
const REST = { ms: 250, mib: 0.5, readings: 40 } as const;

/** The number of stable readings after which deferred frees are complete. */
const ALL_FREED = 6;

/** The MiB of the previous load that may remain before the next one. */
const LEFT = 0.05;

/**
 * Measures the kernel memory in MiB while a command holds what it has loaded. Other processes that start or end
 * meanwhile are included: some hundred KiB are noise.
 *
 * @param command prints `loaded`, and ends at the end of its standard input
 */
export async function measureKernelMemory(command: readonly string[]): Promise<number> {
  const before = await memoryAtRest(1);
  const [file = '', ...args] = command;
  const holder = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env: benchEnvironment() });
  const over = once(holder, 'exit');
  try {
    await once(holder.stdout, 'readable');
    if (holder.stdout.read() === null) throw new Error(`${file} has not come to load its list`);
    const loaded = (await memoryAtRest(1)) - before;
    holder.stdin.end();
    await memoryBelow(before + Math.max(REST.mib, loaded * LEFT));
    return loaded;
  } finally {
    holder.stdin.end();
    await over;
  }
}

/** Waits until the memory of earlier loads is freed. */
export async function memoryFreed(): Promise<void> {
  await memoryAtRest(ALL_FREED);
}

/** Kernel memory after this many stable readings; on a busy machine, after some seconds. */
async function memoryAtRest(calm: number): Promise<number> {
  let last = readKernelMiB();
  for (let i = 0, still = 0; i < REST.readings && still < calm; i++) {
    await sleep(REST.ms);
    const now = readKernelMiB();
    still = Math.abs(now - last) < REST.mib ? still + 1 : 0;
    last = now;
  }
  return last;
}

async function memoryBelow(mib: number): Promise<void> {
  for (let i = 0; i < REST.readings && readKernelMiB() > mib; i++) await sleep(REST.ms / 5);
}

/** Memory that is not free, and not of processes or files. */
function readKernelMiB(): number {
  const text = readFileSync('/proc/meminfo', 'latin1');
  const kib = ['Slab', 'VmallocUsed', 'Percpu'].map((key) =>
    Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0),
  );
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
}
