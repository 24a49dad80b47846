import {
  type EngineContext,
  type FilterFile,
  findFilter,
  findShipped,
  type OpenedFilter,
  type OpenOptions,
  openFilter,
  openRules,
} from '../filter/index.js';
import { findInterface } from '../kernel/probe/index.js';
import type { FilterInput } from '../plan/index.js';
import { describeList, formatWarnings, type Policy } from '../policy/index.js';
import { type RuleInput, readPolicy } from './read-policy.js';

/** The shipped filter that judges by rules. */
const POLICY_FILTER = 'policy';

/** What is to decide on packets. */
export interface FilterRequest {
  /** The filter as it was written; undefined where rules are given in its place. */
  readonly filter: string | undefined;
  /** How the filter is to be opened. */
  readonly opening: OpenOptions;
  /** The pieces of the policy, in order. */
  readonly rules: readonly RuleInput[];
}

/** What decides on packets, opened. */
export interface OpenedFilterSource {
  /** As the plan takes it. */
  readonly input: FilterInput;
  /** What there is to load, and to close. */
  readonly filter: OpenedFilter;
  /** What was accepted but may not have been meant; one line each. */
  readonly warnings: readonly string[];
}

/**
 * Opens the filter of a launch, or reads its rules and opens the filter that judges by them.
 *
 * @returns with a filter that the caller has to close
 * @throws AlfError ALF_FILTER, ALF_COMPILE, ALF_OBJECT, ALF_RULE or ALF_POLICY_INPUT
 */
export async function openFilterSource(
  { filter, opening, rules }: FilterRequest,
  context: EngineContext,
): Promise<OpenedFilterSource> {
  const { root } = context;
  if (filter !== undefined) {
    const found = findFilter(filter, root);
    return opened(found, await openFilter(found, opening, context));
  }
  const resolved = await readPolicy(rules, (name) => findInterface(context.ops.core, name));
  for (const list of resolved.lists) context.report?.(describeList(list));
  const warnings = formatWarnings(resolved.warnings);
  const found = findShipped(POLICY_FILTER, root);
  return opened(found, openRules(found, context), resolved.policy, warnings);
}

function opened(
  found: FilterFile,
  filter: OpenedFilter,
  policy?: Policy,
  warnings: readonly string[] = [],
): OpenedFilterSource {
  return { input: { ...found, spec: filter.spec, policy }, filter, warnings };
}
