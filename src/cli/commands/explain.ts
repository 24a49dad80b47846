import { explainLaunch } from '../../app/index.js';
import { AlfError } from '../../errors/index.js';
import { createLogger, engineContext } from '../env.js';
import { renderExplanationJson } from '../explain/json.js';
import { renderExplanation } from '../explain/render.js';
import { Options } from '../given-options.js';
import { EXPLAIN_OPTIONS, LAUNCH_OPTIONS, RULE_OPTIONS } from '../options.js';
import { readLaunch } from '../parse.js';
import { parseOptions } from '../parse-options.js';
import type { Command } from './command.js';

const RULE_NAMES: readonly string[] = RULE_OPTIONS.map(({ name }) => name);

/**
 * `alfwrapper explain [options] [rules | filter] [program…]`: prints the plan of a launch, and the programs it would attach to
 * the sockets. Needs no privilege.
 */
export const explain: Command = {
  name: 'explain',
  usage: '[options] [rules | filter] [program…]',
  describe: 'print the plan of a launch, and the programs it would attach to the sockets',
  options: EXPLAIN_OPTIONS,
  endsAtFirstWord: true,
  run: async (argv, env) => {
    const cut = parseOptions(argv, EXPLAIN_OPTIONS);
    const options = new Options(LAUNCH_OPTIONS, cut.given);
    const hasRules = cut.given.some(({ option }) => RULE_NAMES.includes(option.name));
    if (!hasRules && argv[cut.rest] === undefined) {
      throw new AlfError('ALF_USAGE', 'no filter and no rules given', {
        hint: 'expected: alfwrapper explain [options] [rules | filter] [program…]',
      });
    }
    const request = readLaunch(argv, cut, 'optional');
    const logger = createLogger(env, { verbose: options.on('verbose'), quiet: options.on('quiet') });
    const explanation = await explainLaunch(request, engineContext(env, logger));
    env.write(1, options.on('json') ? renderExplanationJson(explanation) : renderExplanation(explanation));
    return 0;
  },
};
