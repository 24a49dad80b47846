import { type TriedFilter, tryPackets } from '../../app/index.js';
import { AlfError } from '../../errors/index.js';
import { createLogger, engineContext } from '../env.js';
import { Options } from '../given-options.js';
import { TRY_OPTIONS } from '../options.js';
import { readLaunch } from '../parse.js';
import { parseArgs } from '../parse-options.js';
import type { Command } from './command.js';

/**
 * `alfwrapper try FILTER --packet PACKET…`: runs a filter on crafted packets and says what it does with each. They meet
 * one filter in order, so that what it remembers counts.
 *
 * Status 0 if all are allowed, 1 if one is denied.
 */
export const tryFilter: Command = {
  name: 'try',
  usage: '[options] <filter> --packet PACKET…',
  describe: 'run a filter on the given packets, in order, and print each verdict; needs CAP_BPF',
  options: TRY_OPTIONS,
  words: { kind: 'file' },
  run: async (argv, env) => {
    const { given, words } = parseArgs(argv, TRY_OPTIONS);
    const options = new Options(TRY_OPTIONS, given);
    const [filter, ...more] = words;
    if (filter === undefined || more.length > 0) {
      throw usage(filter === undefined ? 'no filter given' : `${more.length + 1} filters given`);
    }
    const { opening, config } = readLaunch([filter], { given, rest: 0 }, 'optional');
    const request = {
      filter,
      opening,
      config,
      packets: options.list('packet'),
      file: options.maybe('packets'),
    };
    const logger = createLogger(env, { verbose: options.on('verbose'), quiet: options.on('quiet') });
    const tried = await tryPackets(request, engineContext(env, logger));
    env.write(1, tried.map(options.on('json') ? renderJson : renderLine).join(''));
    return tried.every(({ verdict }) => verdict === 'allow') ? 0 : 1;
  },
};

function renderLine({ packet, verdict, cut }: TriedFilter): string {
  const note = cut === undefined ? '' : `, cut to ${cut} bytes from the transport header on`;
  return `${packet}: ${verdict}${note}\n`;
}

function renderJson({ packet, verdict, cut }: TriedFilter): string {
  return `${JSON.stringify({ packet, verdict, cut })}\n`;
}

function usage(message: string): AlfError {
  return new AlfError('ALF_USAGE', message, { remedy: { kind: 'give packet' } });
}
