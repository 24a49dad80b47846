import { LONG } from './guest/long/index.js';
import { objectCheckNames } from './guest/objects.js';
import { SHORT } from './guest/short.js';
import type { KernelName } from './lab/names.js';
import type { Answers, Result, Task } from './matrix.js';
import { rulesLoadMs } from './rules-load.js';

/** Something that kernels of the matrix do not have. Its checks fail there; it is an error if one of them passes. */
interface Lack {
  readonly kernels: readonly KernelName[];
  /** Names of the checks. */
  readonly checks: RegExp;
  /** As docs/kernels.md names it. */
  readonly missing: string;
  readonly because: string;
  /** Where it is: a version of Linux, or a fix. */
  readonly since: string;
}

export const LACKS: readonly Lack[] = [
  {
    kernels: ['5.10'],
    checks: /^(ebpf|objects of .*), CAP_BPF/,
    missing: '`ebpf` with capabilities but without root',
    because: 'maps are charged to the limit on locked memory (64 KiB)',
    since: 'Linux 5.11',
  },
  {
    kernels: ['5.10', '6.1'],
    checks: /^packets are read in place$/,
    missing: 'packets are read in place',
    because: 'the kernel functions for it are missing',
    since: 'Linux 6.2',
  },
  {
    kernels: ['5.10', '6.1'],
    checks: /^room for large classic programs$/,
    missing: 'more than 900 prefixes on `classic` and `steer`',
    because: 'net.core.optmem_max is 20480',
    since: 'Linux 6.6',
  },
  {
    kernels: ['5.10', '6.18', '6.19'],
    checks: /^classic on TCP takes a capability$/,
    missing: 'a capability is required for `classic` on TCP',
    because: 'the fix of CVE-2026-53236 is missing',
    since: 'the updates of June 2026',
  },
  {
    kernels: ['6.19'],
    checks: / over veth on /,
    missing: 'modules',
    because: 'trixie-backports no longer has them',
    since: 'newer packages',
  },
];

/**
 * Kernels whose load time depends on the number of instructions alone, and the limit for the program for rules: its time when
 * this was written, and a tenth more. @see docs/kernels.md
 */
export const SLOW_LOADERS: readonly KernelName[] = ['sid', 'backports'];
export const MAX_RULES_LOAD_MS = 95;

/** The result of a check on a kernel, compared with what is expected there. */
export interface Verdict {
  readonly name: string;
  readonly asExpected: boolean;
  /** One line for the log. */
  readonly line: string;
}

/** The names of all checks of a task; they are the same on every kernel. */
export function checkNames(checks: Task['checks'], compilers: readonly string[]): string[] {
  const objects = objectCheckNames(checks, compilers);
  const asked = { objects: [], short: SHORT, long: [...SHORT, ...LONG] }[checks];
  return [...asked.map(({ name }) => name), ...objects];
}

/** Compares what a guest answered with what should be: every check has to be answered. */
export function judge({ kernel, results, failure }: Answers, names: readonly string[]): Verdict[] {
  const loadMs = rulesLoadMs({ results }) ?? 0;
  const slow = SLOW_LOADERS.includes(kernel.name) && loadMs > MAX_RULES_LOAD_MS;
  return names.map((name) => {
    const result = results.find((result) => result.name === name);
    const lack = LACKS.find(({ kernels, checks }) => kernels.includes(kernel.name) && checks.test(name));
    const [asExpected, said] =
      slow && name.startsWith('objects of ')
        ? [false, `the rules take ${loadMs} ms to load, more than ${MAX_RULES_LOAD_MS}`]
        : compare(result, lack, failure);
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
