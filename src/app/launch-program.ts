import { parseActivation } from '../activation/index.js';
import {
  checkPlaces,
  lookupVariable,
  parseRecord,
  resolveProgram,
  type Target,
  targetEnvironment,
  withVariables,
} from '../exec/index.js';
import type { EngineContext } from '../filter/index.js';
import { gatherCapabilities, inspectInherited } from '../kernel/probe/index.js';
import { checkHelpers, launch, type Prepared, prepareLaunch, type Resources } from '../launch/index.js';
import {
  type Capabilities,
  type Config,
  type FilterInput,
  type IdentityRequest,
  type InheritedSocket,
  interfaceQuestions,
  type Plan,
  policyOf,
} from '../plan/index.js';
import { connectionTest } from './connection-test.js';
import { type FilterRequest, openFilterSource } from './filter-source.js';

/** What is to be launched, and how: all that a plan comes from. */
export interface LaunchRequest extends FilterRequest {
  readonly config: Config;
}

/** What the caller of alfwrapper has given the target, in bytes. */
export interface Caller {
  /** The target's name and arguments. */
  readonly argv: readonly Uint8Array[];
  /** `NAME=value` each. */
  readonly environment: readonly Uint8Array[];
  /** The process state as the entry recorded it, undefined if the entry was left out. */
  readonly record: string | undefined;
}

/**
 * Makes the plan of a launch, with the filter loaded and given back where that shows whether the kernel takes it.
 *
 * @throws AlfError as {@link launchProgram} does for what can be known beforehand
 */
export async function planLaunch(
  request: LaunchRequest,
  caller: Caller,
  context: EngineContext,
): Promise<Plan> {
  return prepared(request, caller, context, ({ plan }) => {
    // A launch finds out when it starts them.
    checkHelpers(plan, helpersOf(context));
    return plan;
  });
}

/**
 * Launches a program behind its filter. On success it does not return, for the process has become the target.
 *
 * @throws AlfError
 */
export async function launchProgram(
  request: LaunchRequest,
  caller: Caller,
  context: EngineContext,
): Promise<void> {
  const { pid, ops, warn, report } = context;
  await prepared(request, caller, context, ({ plan, loaded, input, credentials, target, findProgram }) => {
    const isInherited = plan.listeners.some(({ inherited }) => inherited === true);
    const isAllowed = isInherited ? connectionTest(policyOf(plan, input)) : undefined;
    const resources = {
      ...{ loaded, target, findProgram, credentials, pid, isAllowed, warn, report },
      ...helpersOf(context),
    };
    launch(plan, resources, ops);
  });
}

/** Programs of ours that a launch may start. */
function helpersOf({ root }: EngineContext): Pick<Resources, 'companion' | 'acceptor'> {
  const directory = `${root}/build/native`;
  return { companion: `${directory}/alf-companion`, acceptor: `${directory}/alf-acceptor` };
}

/** A plan, and what carries it out. */
interface Ready extends Prepared, Pick<Capabilities, 'credentials'> {
  readonly input: FilterInput;
  readonly target: Omit<Target, 'path'>;
  readonly findProgram: () => Uint8Array;
}

async function prepared<T>(
  request: LaunchRequest,
  caller: Caller,
  context: EngineContext,
  use: (ready: Ready) => T,
): Promise<T> {
  const { config } = request;
  const { ops, warn } = context;
  const target = targetOf(caller, config);
  const findProgram = programFinder(target, config.identity);
  const { input, filter, warnings } = await openFilterSource(request, context);
  let loaded: Prepared['loaded'];
  try {
    const capabilities = gatherCapabilities(ops, {
      inherited: findInherited(context, target),
      identity: config.identity,
      interfaces: interfaceQuestions(config, input),
      interception: config.interception !== undefined,
    });
    const ready = prepareLaunch(config, input, filter, capabilities, ops.core);
    loaded = ready.loaded;
    for (const warning of [...warnings, ...ready.warnings]) warn(warning);
    checkPlaces(target.record, placesOf(ready.plan));
    return use({ ...ready, input, target, findProgram, credentials: capabilities.credentials });
  } finally {
    loaded?.close();
    filter.close();
  }
}

/** The descriptors that listeners are going to have and do not have yet. */
function placesOf({ listeners }: Plan): number[] {
  return listeners.filter(({ inherited }) => inherited !== true).map(({ fd }) => fd);
}

function targetOf({ argv, environment, record }: Caller, config: Config): Omit<Target, 'path'> {
  return {
    argv,
    environment: withVariables(targetEnvironment(environment), config.environment),
    record: parseRecord(record),
  };
}

/**
 * A function that finds the program. As it is asked for by default, it has been found already when this returns; by
 * another user, or from another directory, it may be another file or none, and that is found out there and then.
 */
function programFinder(
  { argv, environment }: Omit<Target, 'path'>,
  identity: IdentityRequest,
): () => Uint8Array {
  const find = () => resolveProgram(argv[0] ?? new Uint8Array(), lookupVariable(environment, 'PATH'));
  if (identity.user !== undefined || identity.group !== undefined || identity.directory !== undefined)
    return find;
  const path = find();
  return () => path;
}

/** The sockets that socket activation has passed to us. */
function findInherited(
  { ops, pid, variable }: EngineContext,
  { record }: Pick<Target, 'record'>,
): InheritedSocket[] {
  const self = { pid, pidfdId: () => ops.core.pidfdId() };
  return inspectInherited(ops.core, parseActivation(variable, self), record.descriptors);
}
