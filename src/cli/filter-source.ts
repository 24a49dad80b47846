import {
  type EngineContext,
  type FilterFile,
  findFilter,
  findShipped,
  type OpenedFilter,
  openFilter,
  openRules,
} from '../filter/index.js';
import { findInterface } from '../kernel/probe/index.js';
import type { FilterInput } from '../plan/index.js';
import { describeList, formatWarnings, type Policy } from '../policy/index.js';
import type { LaunchRequest } from './parse.js';
import { readPolicy } from './read-policy.js';

/** The shipped filter that judges by rules. */
const POLICY_FILTER = 'policy';

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
  command: Pick<LaunchRequest, 'filter' | 'opening' | 'given'>,
  context: EngineContext,
): Promise<OpenedFilterSource> {
  const { root } = context;
  if (command.filter !== undefined) {
    const found = findFilter(command.filter, root);
    return opened(found, await openFilter(found, command.opening, context));
  }
  const resolved = await readPolicy(command.given, (name) => findInterface(context.ops.core, name));
  for (const list of resolved?.lists ?? []) context.report?.(describeList(list));
  const warnings = formatWarnings(resolved?.warnings ?? []);
  const found = findShipped(POLICY_FILTER, root);
  return opened(found, openRules(found, context), resolved?.policy, warnings);
}

function opened(
  found: FilterFile,
  filter: OpenedFilter,
  policy?: Policy,
  warnings: readonly string[] = [],
): OpenedFilterSource {
  return { input: { ...found, spec: filter.spec, policy }, filter, warnings };
}
