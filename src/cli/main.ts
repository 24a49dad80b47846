import manifest from '../../package.json' with { type: 'json' };
import { launchProgram, planLaunch } from '../app/index.js';
import { printable } from '../errors/index.js';
import { type CliEnv, createLogger, engineContext } from './env.js';
import { describeFailure } from './failure.js';
import { COMMAND_NAMES } from './options.js';
import { type LaunchCommand, parseCommandLine } from './parse.js';
import { renderPlan, renderPlanJson } from './render-plan.js';

/**
 * The whole program but for the process around it.
 *
 * @returns the exit status; on a successful launch it does not return, for the process has become the target
 */
export async function main(world: CliEnv): Promise<number> {
  // Output may contain text of other users: rules, filters, names of files and interfaces.
  const env: CliEnv = { ...world, write: (fd, text) => world.write(fd, printable(text)) };
  let verbose = false;
  try {
    if (COMMAND_NAMES.includes(env.argv[0] ?? ''))
      return await (await import('./commands/index.js')).runCommand(env);
    const command = parseCommandLine(env.argv);
    switch (command.kind) {
      case 'help':
        env.write(1, `${await (await import('./help.js')).helpText()}\n`);
        return 0;
      case 'version':
        env.write(1, `alfwrapper ${manifest.version}\n`);
        return 0;
      case 'launch':
        verbose = command.output.verbose;
        return await runLaunch(command, env);
    }
  } catch (error) {
    const { text, status } = describeFailure(error, verbose);
    env.write(2, text);
    return status;
  }
}

/** @returns the status of a dry run; a launch comes back only with an error */
async function runLaunch(command: LaunchCommand, env: CliEnv): Promise<number> {
  const { output, dryRun, program } = command;
  const { environment, record } = env;
  const caller = { argv: env.rawArgv.slice(program), environment, record };
  const context = engineContext(env, createLogger(env, output));
  if (dryRun) {
    const plan = await planLaunch(command, caller, context);
    env.write(1, output.json ? renderPlanJson(plan) : renderPlan(plan));
  } else await launchProgram(command, caller, context);
  return 0;
}
