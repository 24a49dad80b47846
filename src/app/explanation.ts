import type { MapSpec } from '../bpf/values/index.js';
import { type CompiledPolicy, explainProgram } from '../compile/classic/index.js';
import { AlfError } from '../errors/index.js';
import { imageFor } from '../launch/index.js';
import {
  answerFor,
  type Capabilities,
  type Config,
  compileFor,
  type FilterInput,
  isUnixListener,
  makePlan,
  type Plan,
  type PlannedListener,
  type ProbeResult,
  policyOf,
} from '../plan/index.js';
import type { Policy } from '../policy/index.js';

/** A program and the listeners it is for. */
export interface ExplainedPart {
  readonly labels: readonly string[];
  readonly tier: PlannedListener['tier'];
  /** Whether the tier works here; what does not work is explained all the same. */
  readonly answer: ProbeResult;
  /** On the tiers of classic BPF. */
  readonly compiled: CompiledPolicy | undefined;
  /** The listing of `compiled`, line by line. */
  readonly listing: readonly string[];
}

/** What a launch would do, and what its programs look like. */
export interface Explanation {
  readonly plan: Plan;
  readonly parts: readonly ExplainedPart[];
  /** The maps of the filter, where tier `ebpf` uses it. */
  readonly maps: readonly MapSpec[];
  /** What the filter means, if that can be said in rules. */
  readonly policy: Policy | undefined;
  /** What the rules take in the maps of tier `ebpf`, in pages. */
  readonly pages: number | undefined;
}

const WORKS: ProbeResult = { works: true };
const EVERY_CAPABILITY = (1n << 64n) - 1n;
const EVERYTHING_WORKS: Capabilities['tiers'] = {
  ebpf: WORKS,
  classic: { tcp: WORKS, udp: WORKS },
  steer: WORKS,
};

/**
 * Makes the plan of a launch and, for every program in it, what there is to say of it. Changes nothing.
 *
 * A tier that does not work here is explained as if it did: the one that was asked for, or the strongest that could
 * carry the filter if none works. So is another identity.
 *
 * @throws AlfError as {@link makePlan} does, but for tiers and identities that are refused
 */
export function explain(config: Config, filter: FilterInput, capabilities: Capabilities): Explanation {
  const plan = planAnyway(config, filter, capabilities);
  const policy = policyOf(plan, filter);
  const groups = new Map<string, PlannedListener[]>();
  for (const listener of plan.listeners) {
    const key = `${listener.socket.type} ${listener.tier} ${listener.program ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), listener]);
  }
  return {
    plan,
    parts: [...groups.values()].map((listeners) => explainPart(listeners, policy, capabilities)),
    maps: filter.policy === undefined ? filter.spec.maps : [],
    policy,
    pages: imageFor(plan, filter, capabilities)?.pages,
  };
}

function planAnyway(config: Config, filter: FilterInput, capabilities: Capabilities): Plan {
  try {
    return makePlan(config, filter, capabilities);
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    if (error.code === 'ALF_TIER' && capabilities.tiers !== EVERYTHING_WORKS)
      return planAnyway(config, filter, { ...capabilities, tiers: EVERYTHING_WORKS });
    if (error.code === 'ALF_IDENTITY' && capabilities.credentials.effective !== EVERY_CAPABILITY)
      return planAnyway(config, filter, {
        ...capabilities,
        credentials: { ...capabilities.credentials, effective: EVERY_CAPABILITY },
      });
    throw error;
  }
}

function explainPart(
  listeners: readonly PlannedListener[],
  policy: Policy | undefined,
  capabilities: Capabilities,
): ExplainedPart {
  const [listener] = listeners as readonly [PlannedListener];
  const { tier, socket } = listener;
  const compiled = policy === undefined ? undefined : compiledFor(policy, listener, capabilities);
  return {
    labels: listeners.map(({ label }) => label),
    tier,
    answer: tier === 'none' ? WORKS : answerFor(tier, socket, capabilities.tiers),
    compiled,
    listing: compiled === undefined ? [] : explainProgram(compiled).trimEnd().split('\n'),
  };
}

function compiledFor(
  policy: Policy,
  listener: PlannedListener,
  capabilities: Capabilities,
): CompiledPolicy | undefined {
  if (listener.tier === 'ebpf' || isUnixListener(listener)) return undefined;
  return compileFor(policy, listener.tier, listener.socket, capabilities);
}
