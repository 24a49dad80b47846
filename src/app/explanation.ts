import type { MapSpec } from '../bpf/values/index.js';
import { type CompiledPolicy, explainProgram } from '../compile/classic/index.js';
import { explainSeccomp } from '../compile/seccomp/index.js';
import { AlfError } from '../errors/index.js';
import { imageFor } from '../launch/index.js';
import { isUnix, type ListenSpec } from '../net/index.js';
import {
  answerFor,
  anySocket,
  type Capabilities,
  type Config,
  compileFor,
  compileIntercepted,
  type FilterInput,
  type InterceptionAnswers,
  makePlan,
  type Plan,
  type PlannedInterception,
  type PlannedListener,
  type ProbeResult,
  policyOf,
} from '../plan/index.js';
import type { Policy } from '../policy/index.js';

/** A program and the listeners, or sockets of the program, that it is for. */
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
  /** The listing of the seccomp program, line by line; empty if there is none. */
  readonly seccomp: readonly string[];
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
 * carry the filter if none works. So are interception and another identity.
 *
 * @throws AlfError as {@link makePlan} does, but for tiers, interception and identities that are refused
 */
export function explain(config: Config, filter: FilterInput, capabilities: Capabilities): Explanation {
  const plan = planAnyway(config, filter, capabilities);
  const policy = policyOf(plan, filter);
  const groups = new Map<string, Filtered[]>();
  for (const filtered of [...plan.listeners, ...interceptedOf(plan)]) {
    const key = `${filtered.socket.type} ${filtered.tier} ${filtered.program ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), filtered]);
  }
  return {
    plan,
    parts: [...groups.values()].map((sockets) => explainPart(sockets, policy, capabilities)),
    seccomp: plan.guard === undefined ? [] : linesOf(explainSeccomp(Buffer.from(plan.guard, 'hex'))),
    maps: filter.policy === undefined ? filter.spec.maps : [],
    policy,
    pages: imageFor(plan, filter, capabilities)?.pages,
  };
}

/** A listener, or the TCP or UDP sockets that the program opens. */
interface Filtered {
  readonly label: string;
  readonly tier: PlannedListener['tier'];
  readonly socket: ListenSpec;
  readonly program?: string;
  /** For sockets that the program opens. */
  readonly interception?: PlannedInterception;
}

function interceptedOf({ interception }: Plan): Filtered[] {
  if (interception === undefined) return [];
  const { tcp, udp } = interception;
  return [
    { label: 'TCP sockets of the program', ...tcp, socket: anySocket('stream'), interception },
    { label: 'UDP sockets of the program', ...udp, socket: anySocket('datagram'), interception },
  ];
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

function planAnyway(config: Config, filter: FilterInput, capabilities: Capabilities): Plan {
  try {
    return makePlan(config, filter, capabilities);
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    if (error.code === 'ALF_TIER' && capabilities.tiers !== EVERYTHING_WORKS)
      return planAnyway(config, filter, { ...capabilities, tiers: EVERYTHING_WORKS });
    const { interception } = capabilities;
    if (error.code === 'ALF_INTERCEPT' && interception !== undefined && !isInterceptable(interception))
      return planAnyway(config, filter, {
        ...capabilities,
        interception: { ...interception, fetch: WORKS, notify: WORKS },
      });
    if (error.code === 'ALF_IDENTITY' && capabilities.credentials.effective !== EVERY_CAPABILITY)
      return planAnyway(config, filter, {
        ...capabilities,
        credentials: { ...capabilities.credentials, effective: EVERY_CAPABILITY },
      });
    throw error;
  }
}

function isInterceptable({ fetch, notify }: InterceptionAnswers): boolean {
  return fetch.works && notify.works;
}

function explainPart(
  sockets: readonly Filtered[],
  policy: Policy | undefined,
  capabilities: Capabilities,
): ExplainedPart {
  const [first] = sockets as readonly [Filtered];
  const { tier, socket } = first;
  const compiled = policy === undefined ? undefined : compiledFor(policy, first, capabilities);
  return {
    labels: sockets.map(({ label }) => label),
    tier,
    answer: tier === 'none' ? WORKS : answerFor(tier, socket, capabilities.tiers),
    compiled,
    listing: compiled === undefined ? [] : linesOf(explainProgram(compiled)),
  };
}

function compiledFor(
  policy: Policy,
  { tier, socket, interception }: Filtered,
  capabilities: Capabilities,
): CompiledPolicy | undefined {
  if (tier === 'ebpf' || tier === 'none' || isUnix(socket)) return undefined;
  return interception === undefined
    ? compileFor(policy, tier, socket, capabilities)
    : compileIntercepted(policy, tier, socket.type, interception, capabilities);
}
