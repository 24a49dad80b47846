import { objectCheckNames } from './guest/objects.js';
import { SHORT } from './guest/short.js';
import type { KernelName } from './lab/names.js';
import type { Answers, Result, Task } from './matrix.js';

/** What a kernel cannot do, and why: there it is a failure if it suddenly can. */
interface Lack {
  readonly kernels: readonly KernelName[];
  /** Names of the checks. */
  readonly checks: RegExp;
  readonly because: string;
}

const LACKS: readonly Lack[] = [];

/** What is to be said of a check on a kernel. */
export interface Verdict {
  readonly name: string;
  readonly asExpected: boolean;
  /** One line for the log. */
  readonly line: string;
}

/** The names of all checks of a task, on whatever kernel. */
export function checkNames(checks: Task['checks'], compilers: readonly string[]): string[] {
  const objects = objectCheckNames(compilers);
  return checks === 'objects' ? objects : [...SHORT.map(({ name }) => name), ...objects];
}

/** Compares what a guest answered with what should be: every check has to be answered. */
export function judge({ kernel, results, failure }: Answers, names: readonly string[]): Verdict[] {
  return names.map((name) => {
    const result = results.find((result) => result.name === name);
    const lack = LACKS.find(({ kernels, checks }) => kernels.includes(kernel.name) && checks.test(name));
    const [asExpected, said] = compare(result, lack, failure);
    return { name, asExpected, line: `${kernel.name} (${kernel.release}): ${name}: ${said}` };
  });
}

function compare(
  result: Result | undefined,
  lack: Lack | undefined,
  failure: string | undefined,
): [boolean, string] {
  if (result === undefined) return [false, `no answer: ${failure ?? 'the guest ended before'}`];
  const { outcome, detail } = result;
  if (lack === undefined) return [outcome === 'ok', `${outcome} (${detail})`];
  if (outcome === 'ok') return [false, `ok, but is expected not to be, because ${lack.because} (${detail})`];
  return [outcome === 'NO', `${outcome}, as expected, because ${lack.because} (${detail})`];
}
