import { LONG } from './guest/long/index.js';
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

const LACKS: readonly Lack[] = [
  {
    kernels: ['6.19'],
    checks: / over veth on /,
    because: 'trixie-backports has left its modules behind',
  },
  {
    kernels: ['5.10', '6.19'],
    checks: /^classic on TCP takes a capability$/,
    because: 'it is without the fix of CVE-2026-53236',
  },
  {
    kernels: ['5.10', '6.1'],
    checks: /^room for large classic programs$/,
    because: 'net.core.optmem_max was 20480 until 6.6',
  },
  {
    kernels: ['5.10', '6.1'],
    checks: /^packets are read in place$/,
    because: 'the kernel functions for it came with 6.2',
  },
  {
    kernels: ['5.10'],
    checks: /^ebpf, 10,000 prefixes$/,
    because: 'it cannot update an array of maps in one call',
  },
  {
    kernels: ['5.10'],
    checks: /^(ebpf|objects of .*), CAP_BPF/,
    because: 'until 5.11 maps are charged to the limit on locked memory, which is 64 KiB',
  },
];

/** The result of a check on a kernel, compared with what is expected there. */
export interface Verdict {
  readonly name: string;
  readonly asExpected: boolean;
  /** One line for the log. */
  readonly line: string;
}

/** The names of all checks of a task; they are the same on every kernel. */
export function checkNames(checks: Task['checks'], compilers: readonly string[]): string[] {
  const objects = objectCheckNames(compilers);
  const asked = { objects: [], short: SHORT, long: [...SHORT, ...LONG] }[checks];
  return [...asked.map(({ name }) => name), ...objects];
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
