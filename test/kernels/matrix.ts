import { type Outcome, parseLine } from './guest/check.js';
import { PROGRAMS } from './guest/loads.js';
import type { Form } from './guest/objects.js';
import { findAccelerator } from './lab/accelerator.js';
import { boot } from './lab/boot.js';
import { type Entry, makeCpio } from './lab/cpio.js';
import { makeGuestFiles } from './lab/guest-files.js';
import { fetchKernels, type Kernel } from './lab/kernel.js';
import type { KernelName } from './lab/names.js';
import { inParallel } from './lab/parallel.js';
import { listPrograms } from './lab/programs.js';
import { makeRoot } from './lab/root.js';

/** What guests are to do. */
export interface Task {
  readonly kernels: readonly KernelName[];
  readonly checks: Form;
  /** Makes the objects to load, at their places in the guest. */
  readonly makeObjects: () => Promise<readonly Entry[]>;
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

/**
 * How many guests run at a time, each on one CPU. With one more than two CPUs, neither is idle while the last guest runs:
 * five guests take as long as two and a half.
 */
const GUESTS = 3;

/** Boots every kernel of a task, several at a time. @returns answers in the order of the task */
export async function runMatrix({ kernels, checks, makeObjects, say }: Task): Promise<Answers[]> {
  const fetched = await fetchKernels(kernels, say);
  const [first] = fetched;
  if (first === undefined) return [];
  // A guest that hangs under KVM leaves the CPUs to the compilers.
  const [accelerator, objects] = await Promise.all([findAccelerator(first), makeObjects()]);
  const root = makeRoot(process.cwd(), makeGuestFiles());
  const task = makeCpio([
    { path: '/objects', directory: true },
    ...objects,
    { path: PROGRAMS, data: JSON.stringify(listPrograms(objects)) },
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
