import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../report/result.js';

/** The part of a processor that other processes and the hypervisor may use without a report. */
const MAX_OTHERS = 0.1;
const MAX_STOLEN = 0.02;

/** The ticks of all processors, and of this process and its children. */
interface Ticks {
  readonly busy: number;
  readonly stolen: number;
  readonly all: number;
  readonly own: number;
}

/** Describes the machine. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    kernel: release(),
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    node: process.version,
  };
}

/**
 * Makes the kernel compact free memory: otherwise the memory layout of large lists depends on what the
 * machine did before. Needs root.
 */
export function compactMemory(): void {
  writeFileSync('/proc/sys/vm/compact_memory', '1');
}

/** The number of checks before the machine counts as busy: the kernel takes seconds to free earlier measurements. */
const LOOKS = 10;

/** Waits, while nothing is measured, until other processes are idle. @returns the remaining load, a line each */
export async function findDisturbances(): Promise<string[]> {
  let found: string[] = [];
  for (let i = 0; i < LOOKS; i++) {
    const end = watchMachine('before the start');
    await sleep(1000);
    found = end();
    if (found.length === 0) break;
  }
  return found;
}

/** Starts watching other load. @returns a function that stops and returns the load, a line each */
export function watchMachine(when: string): () => string[] {
  const before = readTicks();
  return () => disturbances(before, readTicks(), when);
}

/** The other load between two readings. */
export function disturbances(before: Ticks, after: Ticks, when: string): string[] {
  const all = Math.max(1, after.all - before.all);
  const processors = cpus().length;
  const others = ((after.busy - before.busy - (after.own - before.own)) / all) * processors;
  const stolen = (after.stolen - before.stolen) / all;
  return [
    ...(others > MAX_OTHERS ? [`${when} others used ${others.toFixed(1)} of ${processors} processors`] : []),
    ...(stolen > MAX_STOLEN
      ? [`${when} the hypervisor took ${(stolen * 100).toFixed(0)} % of the time`]
      : []),
  ];
}

function readTicks(): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0] = numbers(
    /^cpu (.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1],
  );
  const busy = user + nice + system + irq + softirq;
  // After the command's name, in parentheses: utime, stime, cutime, cstime are fields 14 to 17 of proc(5).
  const fields = numbers(/\) \S (.*)$/s.exec(readFileSync('/proc/self/stat', 'latin1'))?.[1]);
  const own = fields.slice(10, 14).reduce((sum, ticks) => sum + ticks, 0);
  return { busy, stolen, all: busy + idle + waiting + stolen, own };
}

function numbers(text = ''): number[] {
  return text.trim().split(/\s+/).map(Number);
}
