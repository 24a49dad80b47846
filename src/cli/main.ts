import manifest from '../../package.json' with { type: 'json' };
import { printable } from '../errors/index.js';
import type { CliEnv } from './env.js';
import { describeFailure } from './failure.js';
import { COMMAND_NAMES } from './options.js';
import { parseCommandLine } from './parse.js';
import { runLaunch } from './run-launch.js';

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
