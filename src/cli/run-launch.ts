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
import { launch, type Prepared, prepareLaunch, type Resources } from '../launch/index.js';
import { type IdentityRequest, type InheritedSocket, interfaceQuestions, policyOf } from '../plan/index.js';
import { evaluate, interfaceNames, type Policy } from '../policy/index.js';
import { gatherCapabilities, inspectInherited } from '../probe/index.js';
import { type CliEnv, createLogger, engineContext, textVariable } from './env.js';
import { openFilterSource } from './filter-source.js';
import type { LaunchCommand } from './parse.js';
import { renderPlan, renderPlanJson } from './render-plan.js';

/** IP protocol number. */
const TCP = 6;

/**
 * Launch mode: gathers what the plan needs, makes it, and carries it out or prints it.
 *
 * @returns the exit status of a dry run; a real one comes back only with an error
 * @throws AlfError
 */
export async function runLaunch(command: LaunchCommand, env: CliEnv): Promise<number> {
  const { config, output } = command;
  const { report, warn } = createLogger(env, output);

  const target = readTarget(command, env);
  const findProgram = programFinder(target, config.identity);
  const source = await openFilterSource(command, engineContext(env, { report, warn }));
  let prepared: Prepared | undefined;
  try {
    const capabilities = gatherCapabilities(env.ops, {
      inherited: findInherited(env, target),
      identity: config.identity,
      interfaces: interfaceQuestions(config, source.input),
    });
    prepared = prepareLaunch(config, source.input, source.filter, capabilities, env.ops.core);
    const { plan, loaded } = prepared;
    for (const warning of [...source.warnings, ...prepared.warnings]) warn(warning);
    if (command.dryRun) {
      env.write(1, output.json ? renderPlanJson(plan) : renderPlan(plan));
      return 0;
    }
    const opened = plan.listeners.filter(({ inherited }) => inherited !== true);
    checkPlaces(
      target.record,
      opened.map(({ fd }) => fd),
    );
    const { credentials } = capabilities;
    const ours = `${env.root}/build/native`;
    const isAllowed =
      opened.length < plan.listeners.length ? connectionTest(policyOf(plan, source.input)) : undefined;
    const resources = {
      loaded,
      target,
      findProgram,
      credentials,
      pid: env.pid,
      companion: `${ours}/alf-companion`,
      acceptor: `${ours}/alf-acceptor`,
      isAllowed,
      warn,
      report,
    };
    launch(plan, resources, env.ops);
    return 0;
  } finally {
    prepared?.loaded?.close();
    source.filter.close();
  }
}

/**
 * A function that finds the program. As it is asked for by default, it has been found already when this returns; by
 * somebody else, or from another directory, it may be another file or none, and that is found out there and then.
 */
function programFinder(
  { argv, environment }: Omit<Target, 'path'>,
  identity: IdentityRequest,
): () => Uint8Array {
  const find = () => resolveProgram(argv[0] ?? new Uint8Array(), lookupVariable(environment, 'PATH'));
  if (Object.keys(identity).length > 0) return find;
  const path = find();
  return () => path;
}

function readTarget(command: LaunchCommand, env: CliEnv): Omit<Target, 'path'> {
  const argv = env.rawArgv.slice(command.program);
  const environment = withVariables(targetEnvironment(env.environment), command.config.environment);
  const record = parseRecord(env.record);
  return { argv, environment, record };
}

/** The sockets that socket activation has passed to us. */
function findInherited(env: CliEnv, { record }: Pick<Target, 'record'>): InheritedSocket[] {
  const { core } = env.ops;
  const self = { pid: env.pid, pidfdId: () => core.pidfdId() };
  const names = parseActivation((name) => textVariable(env, name), self);
  return inspectInherited(core, names, record.descriptors);
}

/**
 * Asks rules about a connection that has been made. The interface it came in on is unknown, so they have to allow it on
 * each of those they name, and on any other.
 */
function connectionTest(policy: Policy | undefined): Resources['isAllowed'] {
  if (policy === undefined) return undefined;
  const ifnames = ['', ...interfaceNames(policy)];
  return ({ from, to }) =>
    ifnames.every((ifname) => {
      const packet = {
        family: from.address.family,
        source: from.address.bytes,
        destination: to.address.bytes,
        protocol: TCP,
        sourcePort: from.port,
        destinationPort: to.port,
        ifname,
      };
      return evaluate(policy, packet).verdict === 'allow';
    });
}
