import type { Mode, Program } from '../../bpf/cbpf/index.js';
import { programBytes, uapi } from '../../bpf/cbpf/index.js';
import { AlfError, type Remedy } from '../../errors/index.js';

const REMEDY: Remedy = { kind: 'use tier', tier: 'ebpf' };

/** Sixteen times what fits: beyond it a program is not laid out only to tell its exact length. */
const MAX_DECISIONS = 65_536;

/**
 * Refuses a program that the kernel would not take for its size.
 *
 * @param optmemMax `net.core.optmem_max` in bytes, the bound on a socket's option memory; `undefined` leaves the
 *   question to the kernel
 * @throws AlfError ALF_CAPACITY with the excess, and the tier that has no such limit as its remedy
 */
export function checkCapacity(program: Program, mode: Mode, optmemMax: number | undefined): void {
  if (program.length > uapi.BPF_MAXINSNS) throw tooManyInsns(`${program.length}`, program.length);
  const bytes = programBytes(program);
  const most = optmemMax === undefined ? Number.POSITIVE_INFINITY : optmemMax - (mode === 'socket' ? 1 : 0);
  if (bytes > most) {
    throw new AlfError(
      'ALF_CAPACITY',
      `unable to compile the rules to classic BPF: they need ${bytes} bytes of socket option memory, ` +
        `${bytes - most} more than net.core.optmem_max (${optmemMax}) leaves`,
      { hint: `sysctl net.core.optmem_max=${bytes + 1} makes room`, remedy: REMEDY },
    );
  }
}

/**
 * Refuses rules that are too large by so much that it can be told before they are laid out; this keeps a set of a
 * million entries from costing time and memory for nothing.
 *
 * @param decisions address ranges, or nodes of the graph: each takes about an instruction
 * @throws AlfError ALF_CAPACITY
 */
export function checkDecisions(decisions: number): void {
  if (decisions > MAX_DECISIONS) throw tooManyInsns(`about ${decisions}`, decisions);
}

function tooManyInsns(text: string, needed: number): AlfError {
  return new AlfError(
    'ALF_CAPACITY',
    `unable to compile the rules to classic BPF: they need ${text} instructions, ` +
      `${needed - uapi.BPF_MAXINSNS} more than the kernel takes (${uapi.BPF_MAXINSNS})`,
    { remedy: REMEDY },
  );
}
