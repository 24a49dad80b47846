import { describeObject, encodePolicy, type Image } from '../abi/index.js';
import { type FilterFile, findFilter, readFilter } from '../ebpf/index.js';
import { type Facts, type FilterInput, interfacesOf, type Plan } from '../plan/index.js';
import type { Policy } from '../policy/index.js';
import type { LaunchRequest } from './parse.js';
import { readPolicy } from './read-policy.js';

/** The shipped filter that judges by rules. */
const POLICY_FILTER = 'policy';

/** What decides on packets, read from where it is. */
export interface ReadJudge {
  readonly filter: FilterInput;
  /** The bytes of the filter's object. */
  readonly object: Uint8Array;
  /** What was accepted but may not have been meant; one line each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the filter of a launch, or its rules and the filter that judges by them.
 *
 * @param root the package's directory
 * @throws AlfError ALF_FILTER, ALF_OBJECT, ALF_RULE or ALF_POLICY_INPUT
 */
export async function readJudge(
  command: Pick<LaunchRequest, 'filter' | 'given'>,
  root: string,
): Promise<ReadJudge> {
  if (command.filter !== undefined) return readObject(findFilter(command.filter, root), undefined, []);
  const resolved = await readPolicy(command.given);
  const warnings = resolved?.warnings.map(
    ({ location, message }) => `${location.file}:${location.line}: ${message}`,
  );
  return readObject(findFilter(POLICY_FILTER, root), resolved?.policy, warnings ?? []);
}

/**
 * Lays rules out for the filter that reads them, if the plan uses it.
 *
 * @throws AlfError ALF_MAP if there are too many, ALF_ENTRY for an interface that does not exist
 */
export function imageFor(plan: Plan, filter: FilterInput, facts: Facts): Image | undefined {
  const { policy } = filter;
  if (policy === undefined || plan.listeners.every(({ tier }) => tier !== 'ebpf')) return undefined;
  return encodePolicy(policy, { interfaces: interfacesOf(policy, facts) });
}

function readObject(found: FilterFile, policy: Policy | undefined, warnings: readonly string[]): ReadJudge {
  const object = readFilter(found.file);
  const { name, file, shipped } = found;
  return { filter: { name, file, shipped, spec: describeObject(object), policy }, object, warnings };
}
