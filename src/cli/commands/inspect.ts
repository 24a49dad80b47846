import { inspectFilter } from '../../app/index.js';
import { AlfError } from '../../errors/index.js';
import { createLogger, engineContext } from '../env.js';
import { Options } from '../given-options.js';
import { renderDescription, renderDescriptionJson } from '../inspect/render.js';
import { INSPECT_OPTIONS } from '../options.js';
import { readOpening } from '../parse.js';
import { parseArgs } from '../parse-options.js';
import type { Command } from './command.js';

/**
 * `alfwrapper inspect FILTER`: prints the programs and maps of a filter, and the notation of map entries.
 *
 * Loads nothing and needs no privilege, except for BCC's dialect: libbcc creates the tables when it compiles.
 */
export const inspect: Command = {
  name: 'inspect',
  usage: '[--engine ENGINE] [--entry NAME] [--json] FILTER',
  describe: 'print the programs and maps of a filter, and the notation of map entries',
  options: INSPECT_OPTIONS,
  words: { kind: 'filter' },
  run: async (argv, env) => {
    const { given, words } = parseArgs(argv, INSPECT_OPTIONS);
    const [word, ...rest] = words;
    if (word === undefined || rest.length > 0) {
      throw new AlfError('ALF_USAGE', 'inspect takes one filter', {
        hint: 'expected: alfwrapper inspect [--json] FILTER',
      });
    }
    const context = engineContext(env, createLogger(env, { verbose: false, quiet: false }));
    const description = await inspectFilter(word, readOpening(given), context);
    const json = new Options(INSPECT_OPTIONS, given).on('json');
    env.write(1, json ? renderDescriptionJson(description) : renderDescription(description));
    return 0;
  },
};
