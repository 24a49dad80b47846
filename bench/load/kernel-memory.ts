import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchEnvironment } from '../support/tools.js';

/** What has been freed may take so long to be gone. */
const SETTLE_MS = 300;

/**
 * How much memory the kernel has more while a command holds what it has loaded, in MiB. Other processes that come and go
 * meanwhile count, too: some hundred KiB are noise.
 *
 * @param command says `loaded`, and ends with its standard input
 */
export async function measureKernelMemory(command: readonly string[]): Promise<number> {
  await sleep(SETTLE_MS);
  const before = readKernelMiB();
  const [file = '', ...args] = command;
  const holder = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env: benchEnvironment() });
  const over = once(holder, 'exit');
  try {
    await once(holder.stdout, 'readable');
    if (holder.stdout.read() === null) throw new Error(`${file} has not come to load its list`);
    await sleep(SETTLE_MS);
    return readKernelMiB() - before;
  } finally {
    holder.stdin.end();
    await over;
  }
}

/** What is neither free, nor a process's, nor of files. */
function readKernelMiB(): number {
  const text = readFileSync('/proc/meminfo', 'latin1');
  const kib = ['Slab', 'VmallocUsed', 'Percpu'].map((key) =>
    Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0),
  );
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
}
