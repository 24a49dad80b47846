import { AlfError, quote } from '../errors/index.js';
import { describeErrno, type Status } from '../kernel/index.js';
import { summarizeLog } from './verifier.js';

/** The verifier's limits: instructions of a program, and instructions on all paths (BPF_COMPLEXITY_LIMIT_INSNS). Since Linux 5.2. */
const MAX_INSNS = 1_000_000;

/** What is wrong, and what to do about it. */
interface Reason {
  readonly reason: string;
  readonly hint: string;
}

/** What to do where the kernel refuses to create a map, by error. */
export const MAP_HINTS: Readonly<Record<string, string>> = {
  E2BIG: 'it is larger than the kernel takes: lower its number of entries, or the size of a key or a value',
  EINVAL: 'the kernel does not take its type with these sizes and flags; an LPM trie takes BPF_F_NO_PREALLOC',
  ENOMEM: 'the kernel has no memory left for it: lower its number of entries',
};

/** A program whose loops take the verifier too long. */
export const TOO_MANY_STEPS: Reason = {
  reason: `the verifier's limit of ${MAX_INSNS} instructions was exceeded`,
  hint: 'every turn of a loop counts: make its loops shorter',
};

/** A program that is too long for the verifier to begin with it. */
export function tooManyInstructions(count?: number): Reason {
  const many = count === undefined ? 'more instructions than' : `${count} instructions, more than`;
  return { reason: `it has ${many} ${MAX_INSNS}`, hint: 'split it, or unroll less' };
}

/** Whether a program of so many instructions is one that the verifier does not begin with. */
export function isTooLong(count: number): boolean {
  return count > MAX_INSNS;
}

const AGAIN = 'compile the object again';
const SEE_LOG = 'run with -v to see the whole log';

const MAP_REFUSED = /^libbpf: map '(.+)': failed to create: /m;
const STEPS_EXCEEDED = /^BPF program is too large\. Processed \d+ insn/m;
const UNDEFINED = /^libbpf: failed to find BTF for extern '(.+?)'/m;

/**
 * Turns what libbpf and the verifier said of an object that was refused into the error.
 *
 * @param doing what could not be done: `load`
 * @param name of the filter
 * @param log what they said; empty is allowed
 */
export function refusalOf(
  code: 'ALF_OBJECT' | 'ALF_VERIFIER',
  doing: 'open' | 'load',
  name: string,
  status: Status,
  log: string,
): AlfError {
  const { name: errno, text } = describeErrno(-status);
  const [, map] = MAP_REFUSED.exec(log) ?? [];
  if (map !== undefined) {
    const hint = MAP_HINTS[errno] ?? SEE_LOG;
    const what = `unable to create map ${quote(map)} of filter ${name}: ${text}`;
    return new AlfError('ALF_MAP', what, { errno, hint, detail: log });
  }
  const { reason, hint } = reasonOf(errno, text, log);
  return new AlfError(code, `unable to ${doing} filter ${name}: ${reason}`, {
    errno,
    hint,
    ...(log === '' ? {} : { detail: log }),
  });
}

function reasonOf(errno: string, text: string, log: string): Reason {
  if (STEPS_EXCEEDED.test(log)) return TOO_MANY_STEPS;
  const [, missing] = UNDEFINED.exec(log) ?? [];
  if (missing !== undefined) {
    return {
      reason: `${quote(missing)} is declared and nowhere defined`,
      hint: 'a filter is linked with nothing: what it calls has to be in its source, or a helper of <bpf/bpf_helpers.h>',
    };
  }
  const summary = summarizeLog(log);
  if (summary === undefined) return { reason: text, hint: AGAIN };
  // The kernel says nothing of a program that it does not begin with.
  if (errno === 'E2BIG' && !log.includes('-- BEGIN PROG LOAD LOG --')) return tooManyInstructions();
  if (summary.omitted === 0) return { reason: summary.reason, hint: AGAIN };
  return {
    reason: `${summary.reason} (${summary.omitted} lines omitted)`,
    hint: SEE_LOG,
  };
}
