import { type Advice, AlfError, type Remedy } from '../errors/index.js';
import { type InternetSpec, type ListenSpec, socketKind } from '../net/index.js';
import type { Policy } from '../policy/index.js';
import type { Capabilities, ProbeResult } from './capabilities.js';
import { compileClassic } from './classic.js';
import type { Config, Tier } from './config.js';
import type { InternetListener } from './plan.js';
import { type Capable, inBoundingSet, inEffect } from './privileges.js';

/** What decides on packets: a filter, and what it means as rules, if that can be said. */
export interface FilterSource {
  readonly name: string;
  /** Undefined for what keeps state. A function, because the strongest tier never asks. */
  readonly policy: (() => Policy) | undefined;
}

/** From the strongest to the one that works everywhere. */
const TIERS: readonly Tier[] = ['ebpf', 'classic', 'steer'];

/** What unlocks a tier that was refused. */
const ADVICE: Readonly<Record<Tier, (capabilities: Capable) => Advice>> = {
  ebpf: (capabilities) => ({ hint: hintForEbpf(capabilities) }),
  classic: () => ({
    hint: 'on TCP it needs CAP_NET_ADMIN since the fix of CVE-2026-53236',
    remedy: { kind: 'use tier', tier: 'steer' },
  }),
  steer: () => ({ hint: 'it needs SO_ATTACH_REUSEPORT_CBPF, Linux 4.6 or later' }),
};

function hintForEbpf(capabilities: Capable): string {
  if (inEffect('CAP_BPF', capabilities))
    return 'CAP_BPF is in effect: seccomp, a user namespace or a security module refuses; run alfwrapper doctor for the cause';
  if (!inBoundingSet('CAP_BPF', capabilities))
    return 'it needs CAP_BPF: the bounding set has none, so it has to be lent from outside: AmbientCapabilities=CAP_BPF in the unit, --cap-add BPF for a container';
  return 'it needs CAP_BPF: run as root, set AmbientCapabilities=CAP_BPF in the unit, or: sudo setpriv --reuid USER --regid GROUP --init-groups --inh-caps +bpf --ambient-caps +bpf alfwrapper …';
}

/**
 * Picks how a listener's filter is enforced, as {@link pickTier} does. On tiers of classic BPF the program comes along.
 *
 * @throws AlfError ALF_TIER if there is none, or what compiling throws
 */
export function chooseTier(
  listener: Pick<InternetListener, 'label' | 'inherited'>,
  socket: InternetSpec,
  config: Pick<Config, 'tier' | 'socketOptions'>,
  filter: FilterSource,
  capabilities: Capabilities,
): Pick<InternetListener, 'tier' | 'program'> {
  const tier = pickTier(listener, socket, config, filter, capabilities);
  const { policy } = filter;
  if (tier === 'ebpf' || policy === undefined) return { tier };
  return { tier, program: compileClassic(policy(), tier, socket, capabilities) };
}

/**
 * Picks a tier: the one that was asked for, or the strongest that works here and can carry a filter.
 *
 * @param listener its label names it in messages: `tcp [::]:80`
 * @throws AlfError ALF_TIER if there is none
 */
export function pickTier(
  listener: Pick<InternetListener, 'label' | 'inherited'>,
  socket: InternetSpec,
  config: Pick<Config, 'tier' | 'socketOptions'>,
  filter: FilterSource,
  capabilities: Capabilities,
): Tier {
  const { label } = listener;
  const unsteerable = whyNotSteered(listener, config);
  const fits = (tier: Tier) =>
    carries(tier, socket, filter) && (tier !== 'steer' || unsteerable === undefined);
  const candidates = config.tier === 'auto' ? TIERS.filter(fits) : [config.tier];
  const unfit = candidates.find((tier) => !carries(tier, socket, filter));
  if (unfit !== undefined) throw cannotCarry(label, unfit, socket, filter);
  if (unsteerable !== undefined && !candidates.every(fits)) throw cannotSteer(label, unsteerable);
  const working = candidates.find((tier) => answerFor(tier, socket, capabilities.tiers).works);
  if (working !== undefined) return working;
  throw refused(label, candidates, socket, capabilities);
}

/** Why the listener cannot have a sink, and what helps. */
type Unsteerable = readonly [reason: string, remedy: Remedy];

function whyNotSteered(
  { inherited }: Pick<InternetListener, 'inherited'>,
  { socketOptions }: Pick<Config, 'socketOptions'>,
): Unsteerable | undefined {
  if (inherited === true) {
    return ['it was passed in, and tier steer opens its own', { kind: 'open listeners', orLend: true }];
  }
  if (socketOptions['reuse-port'] === undefined) return undefined;
  return ['tier steer does not share the address', { kind: 'own address' }];
}

function carries(tier: Tier, socket: InternetSpec, filter: FilterSource): boolean {
  if (tier === 'ebpf') return true;
  return filter.policy !== undefined && (tier === 'classic' || socket.type === 'stream');
}

/** Whether a tier works here for the kind of socket that is asked for. */
export function answerFor(tier: Tier, socket: ListenSpec, answers: Capabilities['tiers']): ProbeResult {
  if (tier !== 'classic') return answers[tier];
  return socketKind(socket) === 'tcp' ? answers.classic.tcp : answers.classic.udp;
}

function cannotCarry(label: string, tier: Tier, socket: InternetSpec, filter: FilterSource): AlfError {
  if (filter.policy === undefined) {
    return new AlfError(
      'ALF_TIER',
      `unable to enforce filter ${filter.name} on ${label}: only tier ebpf can carry it`,
      { hint: `tier ${tier} takes filters that keep no state` },
    );
  }
  return new AlfError('ALF_TIER', `unable to enforce a filter on ${label}: tier ${tier} is for TCP`, {
    hint: `there is nothing to steer on ${socket.type} sockets`,
    remedy: { kind: 'use tier', tier: 'classic' },
  });
}

function cannotSteer(label: string, [reason, remedy]: Unsteerable): AlfError {
  return new AlfError('ALF_TIER', `unable to enforce a filter on ${label}: ${reason}`, { remedy });
}

/**
 * What is said where every tier that could carry a filter is refused. The first refusal gives errno and hint: it is the
 * one of the strongest tier.
 */
export function refused(
  label: string,
  tiers: readonly Tier[],
  socket: ListenSpec,
  capabilities: Capable & Pick<Capabilities, 'tiers'>,
): AlfError {
  const refusals = tiers.flatMap((tier) => {
    const answer = answerFor(tier, socket, capabilities.tiers);
    return answer.works ? [] : [{ tier, ...answer }];
  });
  const reasons = refusals.map(({ tier, reason }) => `${WHAT[tier]} is refused: ${reason}`);
  const message = `unable to enforce a filter on ${label}: ${reasons.join('; ')}`;
  const [first] = refusals;
  return new AlfError(
    'ALF_TIER',
    message,
    first === undefined ? {} : { errno: first.errno, ...ADVICE[first.tier](capabilities) },
  );
}

/** What was tried, for a message. */
const WHAT: Readonly<Record<Tier, string>> = {
  ebpf: 'loading eBPF',
  classic: 'a classic filter',
  steer: 'steering',
};
