import { encodePolicy, type Image } from '../compile/table/index.js';
import { AlfError, type Remedy } from '../errors/index.js';
import type { LoadedFilter, OpenedFilter } from '../filter/index.js';
import type { CoreOps } from '../kernel/index.js';
import { tryAttach } from '../kernel/probe/index.js';
import {
  type Capabilities,
  type Config,
  canReadKernelMemory,
  type FilterInput,
  inEffect,
  interfacesOf,
  makePlan,
  type Plan,
  type PlannedListener,
} from '../plan/index.js';

/** A plan, and the program that it puts on sockets of tier `ebpf`. */
export interface Prepared {
  readonly plan: Plan;
  /** In the kernel, the caller's to close; undefined if no listener is of tier `ebpf`. */
  readonly loaded: LoadedFilter | undefined;
  /** One line each about what was accepted but may not have been meant. */
  readonly warnings: readonly string[];
}

/**
 * Makes the plan of a launch and loads its filter.
 *
 * That a small program loads does not say that this one does: the verifier, the memory for maps and sockets, and libbpf
 * have their say about the real one only. With tier `auto`, a filter that is refused goes to the next tier, with a warning.
 *
 * @throws AlfError what {@link makePlan} throws; ALF_VERIFIER, ALF_MAP or ALF_NATIVE if the filter is refused and no other
 *   tier carries it; ALF_OBJECT if the object is damaged. Nothing is left open then.
 */
export function prepareLaunch(
  config: Config,
  input: FilterInput,
  filter: OpenedFilter,
  capabilities: Capabilities,
  core: CoreOps,
): Prepared {
  const plan = makePlan(config, input, capabilities);
  const image = imageFor(plan, input, capabilities);
  const loading = usesEbpf(plan) ? tryLoad(filter, plan, image, core) : {};
  if (loading.refusal === undefined) return { plan, loaded: loading.loaded, warnings: plan.warnings };
  const refusal = explainRefusal(loading.refusal, config, capabilities);
  const weaker = planWithoutEbpf(config, input, capabilities, refusal);
  return {
    plan: weaker,
    loaded: undefined,
    warnings: [...weaker.warnings, describeFallback(weaker, refusal)],
  };
}

/**
 * Finds out whether the filter of a plan is refused, for commands that only show what a launch would do.
 *
 * @returns the capabilities, with tier `ebpf` refused if it is
 */
export function tryFilter(
  plan: Plan,
  input: FilterInput,
  filter: OpenedFilter,
  capabilities: Capabilities,
  core: CoreOps,
): Capabilities {
  if (!capabilities.tiers.ebpf.works || !usesEbpf(plan)) return capabilities;
  const { loaded, refusal } = tryLoad(filter, plan, imageFor(plan, input, capabilities), core);
  loaded?.close();
  return refusal === undefined ? capabilities : withoutEbpf(capabilities, refusal);
}

/**
 * Lays rules out for the filter that reads them, if the plan uses it.
 *
 * @throws AlfError ALF_MAP if there are too many, ALF_ENTRY for an interface that does not exist
 */
export function imageFor(plan: Plan, { policy }: FilterInput, capabilities: Capabilities): Image | undefined {
  if (policy === undefined || !usesEbpf(plan)) return undefined;
  return encodePolicy(policy, { interfaces: interfacesOf(policy, capabilities) });
}

function usesEbpf(plan: Plan): boolean {
  return tiersOf(plan).includes('ebpf');
}

/** The tier of each listener, and those of the sockets that the program opens. */
function tiersOf({ listeners, interception }: Plan): PlannedListener['tier'][] {
  const intercepted = interception === undefined ? [] : [interception.tcp.tier, interception.udp.tier];
  return [...listeners.map(({ tier }) => tier), ...intercepted];
}

/** What another tier may make good. An object that cannot be read is a damaged installation, and stays an error. */
const REFUSALS: readonly string[] = ['ALF_VERIFIER', 'ALF_MAP', 'ALF_NATIVE'];

interface Loading {
  readonly loaded?: LoadedFilter;
  readonly refusal?: AlfError;
}

/** The one place where an error is an answer. */
function tryLoad(filter: OpenedFilter, plan: Plan, image: Image | undefined, core: CoreOps): Loading {
  let loaded: LoadedFilter | undefined;
  try {
    loaded = filter.load(plan.filter, image);
    tryAttach(core, loaded.programFd, plan.filter.name);
    return { loaded };
  } catch (error) {
    loaded?.close();
    if (error instanceof AlfError && REFUSALS.includes(error.code)) return { refusal: error };
    throw error;
  }
}

/** The verifier is stricter with programs of users who may not read kernel memory. */
function explainRefusal(refusal: AlfError, { tier }: Config, capabilities: Capabilities): AlfError {
  const lend = 'also lend CAP_PERFMON: the verifier then accepts more';
  const guarded =
    refusal.code === 'ALF_VERIFIER' &&
    inEffect('CAP_BPF', capabilities) &&
    !canReadKernelMemory(capabilities);
  const hints = [...(guarded ? [lend] : []), ...(refusal.hint === undefined ? [] : [refusal.hint])];
  return copyOf(refusal, hints.join('; '), tier === 'ebpf' ? { kind: 'any tier' } : undefined);
}

function planWithoutEbpf(
  config: Config,
  input: FilterInput,
  capabilities: Capabilities,
  refusal: AlfError,
): Plan {
  if (config.tier !== 'auto') throw refusal;
  try {
    return makePlan(config, input, withoutEbpf(capabilities, refusal));
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    // No other tier is for it, or works: what is wrong is that this one is refused.
    if (error.code === 'ALF_TIER') throw refusal;
    throw copyOf(error, `tier ebpf, which could carry it, is refused: ${textOf(refusal)}`);
  }
}

function withoutEbpf(capabilities: Capabilities, refusal: AlfError): Capabilities {
  const ebpf = { works: false, errno: refusal.errno ?? refusal.code, reason: refusal.message } as const;
  return { ...capabilities, tiers: { ...capabilities.tiers, ebpf } };
}

function describeFallback(plan: Plan, refusal: AlfError): string {
  const tiers = [...new Set(tiersOf(plan).filter((tier) => tier !== 'none'))];
  const hint = refusal.hint?.startsWith('also lend ') ? `; ${refusal.hint}` : '';
  return `tier ebpf is refused, ${tiers.join(' and ') || 'no filter'} is used: ${textOf(refusal)}${hint}`;
}

function textOf({ message, errno }: AlfError): string {
  return errno === undefined ? message : `${message} (${errno})`;
}

function copyOf({ code, message, errno, detail }: AlfError, hint: string, remedy?: Remedy): AlfError {
  return new AlfError(code, message, {
    ...(errno === undefined ? {} : { errno }),
    ...(hint === '' ? {} : { hint }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(detail === undefined ? {} : { detail }),
  });
}
