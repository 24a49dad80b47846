import { type Outcome, parseLine } from './guest/check.js';
import { findAccelerator } from './lab/accelerator.js';
import { boot } from './lab/boot.js';
import { type Entry, makeCpio } from './lab/cpio.js';
import { makeGuestFiles } from './lab/guest-files.js';
import { fetchKernels, type Kernel } from './lab/kernel.js';
import type { KernelName } from './lab/names.js';
import { makeRoot } from './lab/root.js';

/** What guests are to do. */
export interface Task {
  readonly kernels: readonly KernelName[];
  readonly checks: 'short' | 'long' | 'objects';
  /** Objects to load, at their places in the guest. */
  readonly objects: readonly Entry[];
  /** Told what takes its time, and each result as it comes. */
  readonly say: (line: string) => void;
}

/** What a check came to on a kernel. */
export interface Result {
  readonly name: string;
  readonly outcome: Outcome;
  readonly detail: string;
}

/** Everything that was learnt on a kernel. */
export interface Answers {
  readonly kernel: Kernel;
  readonly results: readonly Result[];
  /** Why the guest was killed, or how qemu failed. */
  readonly failure?: string;
  /** What it wrote beside results: the kernel's own lines. */
  readonly console: readonly string[];
}

const TIMEOUT_MS = { short: 300_000, long: 900_000, objects: 300_000 };

/** So many guests run at a time, each on one CPU. */
const GUESTS = 2;

/** Boots every kernel of a task, two at a time. @returns in the order of the task */
export async function runMatrix({ kernels, checks, objects, say }: Task): Promise<Answers[]> {
  const fetched = await fetchKernels(kernels, say);
  const [first] = fetched;
  if (first === undefined) return [];
  const accelerator = await findAccelerator(first);
  const root = makeRoot(process.cwd(), makeGuestFiles());
  const task = makeCpio([
    { path: '/objects', directory: true },
    ...objects,
    { path: '/checks/task', data: checks },
  ]);
  const examine = async (kernel: Kernel): Promise<Answers> => {
    const [results, others]: [Result[], string[]] = [[], []];
    const line = (text: string) => {
      const result = parseLine(text);
      if (result === undefined) {
        others.push(text);
        if (checks === 'objects') say(`${kernel.name}: ${text}`);
        return;
      }
      results.push(result);
      say(`${kernel.name}: ${result.name}: ${result.outcome} (${result.detail})`);
    };
    const { failure } = await boot({
      kernel,
      archives: [root, task],
      accelerator,
      timeoutMs: TIMEOUT_MS[checks],
      line,
    });
    return { kernel, results, console: others, ...(failure !== undefined && { failure }) };
  };
  return inParallel(GUESTS, fetched, examine);
}

/** Like Promise.all over a map, but for so many at a time. */
async function inParallel<T, R>(
  width: number,
  items: readonly T[],
  action: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await action(items[i] as T);
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
