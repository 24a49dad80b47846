import { AlfError } from '../../errors/index.js';
import { tryFilter } from '../../launch/index.js';
import { interfaceQuestions } from '../../plan/index.js';
import { gatherCapabilities } from '../../probe/index.js';
import { createLogger, engineContext } from '../env.js';
import { explain as explainLaunch } from '../explain/explanation.js';
import { renderExplanationJson } from '../explain/json.js';
import { renderExplanation } from '../explain/render.js';
import { openFilterSource } from '../filter-source.js';
import { Options } from '../given-options.js';
import { EXPLAIN_OPTIONS, LAUNCH_OPTIONS, RULE_OPTIONS } from '../options.js';
import { readLaunch } from '../parse.js';
import { parseOptions } from '../parse-options.js';
import type { Command } from './command.js';

const RULE_NAMES: readonly string[] = RULE_OPTIONS.map(({ name }) => name);

/**
 * `alfwrapper explain [options] [rules | filter] [program…]`: prints what a launch with these words would do, and the
 * programs it would put on the sockets. Needs no privilege, whatever the launch does.
 */
export const explain: Command = {
  name: 'explain',
  usage: '[options] [rules | filter] [program…]',
  describe: 'print what a launch with these words would do, and the programs it would put on the sockets',
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
    const { report, warn } = createLogger(env, {
      verbose: options.on('verbose'),
      quiet: options.on('quiet'),
    });
    const { input, filter, warnings } = await openFilterSource(request, engineContext(env, { report, warn }));
    try {
      const capabilities = gatherCapabilities(env.ops, {
        identity: request.config.identity,
        interfaces: interfaceQuestions(request.config, input),
      });
      const first = explainLaunch(request.config, input, capabilities);
      const tried = tryFilter(first.plan, input, filter, capabilities, env.ops.core);
      const explanation = tried === capabilities ? first : explainLaunch(request.config, input, tried);
      for (const line of [...warnings, ...explanation.plan.warnings]) warn(line);
      env.write(1, options.on('json') ? renderExplanationJson(explanation) : renderExplanation(explanation));
      return 0;
    } finally {
      filter.close();
    }
  },
};
