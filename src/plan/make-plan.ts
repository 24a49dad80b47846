import { ENTRY } from '../bpf/object/index.js';
import type { CodecContext } from '../bpf/values/index.js';
import { ENTRY_INTERCEPTED, inPlace } from '../compile/table/index.js';
import { describePort, type Policy, summarizePolicy, withCount } from '../policy/index.js';
import type { Capabilities, FilterInput } from './capabilities.js';
import type { Config } from './config.js';
import { planEntries } from './entries.js';
import { equivalentPolicy } from './equivalent.js';
import { usableListeners } from './families.js';
import { planGuard } from './guard.js';
import { planIdentity } from './identity.js';
import { planInterception } from './interception.js';
import { planListeners } from './listeners.js';
import type { Plan } from './plan.js';
import { type Capable, canReadKernelMemory, planDrop } from './privileges.js';
import { planSocketHandoff } from './socket-handoff.js';

/**
 * Decides everything a launch will do. Same config, filter and capabilities give the same plan; nothing is done yet.
 *
 * @returns the plan, deeply frozen
 * @throws AlfError ALF_TIER, ALF_CAPACITY, ALF_RULE, ALF_ENTRY, ALF_ADDRESS, ALF_IDENTITY, ALF_INTERCEPT or ALF_USAGE
 *   for what cannot be done here
 */
export function makePlan(config: Config, filter: FilterInput, capabilities: Capabilities): Plan {
  const ports: string[] = [];
  const hostBits: string[] = [];
  const entries = planEntries(filter.spec, config, {
    ...interfacesBy(capabilities, (message) => ports.push(message)),
    littleEndian: filter.spec.littleEndian,
    warn: (message) => hostBits.push(message),
  });
  const rules = filter.policy;
  const equivalent = filter.shipped ? equivalentPolicy(filter.name, entries) : undefined;
  const source = { name: filter.name, policy: rules === undefined ? equivalent : () => rules };
  const usable = usableListeners(config, capabilities);
  const listeners = planListeners({ ...config, listeners: usable.listeners }, source, capabilities);
  const identity = planIdentity(config.identity, capabilities);
  const passing = planSocketHandoff(config.passing, listeners);
  const intercepted = planInterception(config, filter, source, identity, capabilities);
  const { interception } = intercepted;
  const guard = planGuard(listeners, interception, capabilities);
  return freeze({
    filter: {
      name: filter.name,
      file: filter.file,
      entry: rules === undefined ? filter.spec.entry : rulesEntry(capabilities, interception !== undefined),
      entries,
      ...(rules === undefined ? {} : { policy: summarizePolicy(rules) }),
    },
    listeners,
    ...(interception === undefined ? {} : { interception }),
    ...(guard === undefined ? {} : { guard }),
    drop: planDrop(listeners, interception, identity, capabilities),
    ...(identity === undefined ? {} : { identity }),
    environment: [...config.environment],
    ...(passing === undefined ? {} : { passing }),
    target: [...config.target],
    warnings: [
      ...ports,
      ...hostBits.slice(0, 1).map((first) => withCount(first, hostBits.length)),
      ...usable.warnings,
      ...intercepted.warnings,
    ],
  });
}

/**
 * The program that judges by rules: where we may read kernel memory, the one that reads packets in place.
 *
 * @param intercepts whether it is for sockets that the program opens: replies to UDP clients then pass
 */
export function rulesEntry(process: Capable, intercepts = false): string {
  const entry = intercepts ? ENTRY_INTERCEPTED : ENTRY;
  return canReadKernelMemory(process) ? inPlace(entry) : entry;
}

/**
 * The rules by which a filter judges under a plan: those it was given, or those it stands for.
 *
 * @returns undefined for a filter that keeps state or is a user's own
 */
export function policyOf(plan: Plan, filter: FilterInput): Policy | undefined {
  if (filter.policy !== undefined || !filter.shipped) return filter.policy;
  return equivalentPolicy(filter.name, plan.filter.entries)?.();
}

/** Interfaces that were found by name can be named again. */
function interfacesBy(
  { interfaces }: Capabilities,
  warn: (message: string) => void,
): Pick<CodecContext, 'interfaceIndex' | 'interfaceName'> {
  const names = new Map<number, string>();
  return {
    interfaceIndex: (name) => {
      const found = interfaces.get(name);
      if (found === undefined) return undefined;
      const { index, master } = found;
      if (!names.has(index)) {
        if (master !== undefined) warn(describePort(name, master));
        names.set(index, name);
      }
      return index;
    },
    interfaceName: (index) => names.get(index),
  };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
