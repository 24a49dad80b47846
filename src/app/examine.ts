import type { Ops } from '../kernel/index.js';
import { examineMachine, type Machine } from '../kernel/probe/index.js';
import { type FilterAnswer, tryShippedFilters } from './shipped-filters.js';

export type { FilterAnswer } from './shipped-filters.js';

/** The answers a diagnosis comes from. */
export interface Examination extends Machine {
  /** Whether the filter that judges by rules can be loaded; only where the kernel and libbpf are willing. */
  readonly policyFilter: FilterAnswer | undefined;
  /** The same for each of the other shipped filters. */
  readonly otherFilters: readonly FilterAnswer[];
}

/**
 * Examines this machine: what each tier needs, by trying.
 *
 * @param root the package's directory
 * @param nodeVersion of the Node.js we run on
 */
export function examine(ops: Ops, root: string, nodeVersion: string): Examination {
  const machine = examineMachine(ops, `${root}/build/native/alf-companion`, nodeVersion);
  const willing = machine.tiers.ebpf.works && machine.libbpf.works;
  const [policyFilter, ...otherFilters] = willing ? tryShippedFilters(machine, ops, root) : [];
  return { ...machine, policyFilter, otherFilters };
}
