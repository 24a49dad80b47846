import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchEnvironment } from '../support/tools.js';

/** Memory is at rest when it changes by less than so many MiB from one reading to the next. */
const REST = { ms: 250, mib: 0.5, readings: 40 } as const;

/** How many calm readings it takes until what has been freed is not only promised to go. */
const ALL_FREED = 6;

/** How much of what was loaded may still be there when the next one is. */
const LEFT = 0.05;

/**
 * How much memory the kernel has more while a command holds what it has loaded, in MiB. Other processes that come and go
 * meanwhile count, too: some hundred KiB are noise.
 *
 * @param command says `loaded`, and ends with its standard input
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

/** Waits until everything that has been loaded before is gone. */
export async function memoryFreed(): Promise<void> {
  await memoryAtRest(ALL_FREED);
}

/** What the kernel has after so many calm readings; on a machine that never rests, after some seconds. */
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

/** What is neither free, nor a process's, nor of files. */
function readKernelMiB(): number {
  const text = readFileSync('/proc/meminfo', 'latin1');
  const kib = ['Slab', 'VmallocUsed', 'Percpu'].map((key) =>
    Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0),
  );
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
}
