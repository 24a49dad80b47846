import { type CheckedPeer, checkPeers } from '../../app/index.js';
import { AlfError } from '../../errors/index.js';
import { describeRule } from '../../policy/index.js';
import { createLogger, engineContext } from '../env.js';
import { Options } from '../given-options.js';
import { CHECK_OPTIONS } from '../options.js';
import { parseArgs } from '../parse-options.js';
import { readRules } from '../read-rules.js';
import type { Command } from './command.js';

/**
 * `alfwrapper check [rules] ADDR[:PORT]…`: says what the rules do with packets from these addresses, and which rule does.
 *
 * Status 0 if all are allowed, 1 if one is denied.
 */
export const check: Command = {
  name: 'check',
  usage: '[rules] ADDR[:PORT]… | unix',
  describe:
    'say what rules do with a packet from an address or on a UNIX socket, and which rule; - reads addresses from standard input',
  options: CHECK_OPTIONS,
  run: async (argv, env) => {
    const { given, words } = parseArgs(argv, CHECK_OPTIONS);
    const options = new Options(CHECK_OPTIONS, given);
    const rules = readRules(given);
    if (rules.length === 0) throw usage('no rules given', 'give --allow, --deny, --rule or --policy');
    if (words.length === 0)
      throw usage('no address given', 'expected: alfwrapper check [rules] ADDR[:PORT]…');
    const request = {
      rules,
      peers: words,
      to: options.maybe('to'),
      protocol: options.text('proto'),
      interface: options.maybe('on'),
    };
    const logger = createLogger(env, { verbose: options.on('verbose'), quiet: false });
    const checked = await checkPeers(request, engineContext(env, logger));
    env.write(1, checked.map(options.on('json') ? renderJson : renderLine).join(''));
    return checked.every(({ decision }) => decision.verdict === 'allow') ? 0 : 1;
  },
};

function renderLine({ text, decision }: CheckedPeer): string {
  const reason = decision.rule === undefined ? 'default' : describeRule(decision.rule);
  return `${text} ${decision.verdict}: ${reason}\n`;
}

function renderJson({ text, decision }: CheckedPeer): string {
  const { verdict, rule } = decision;
  return `${JSON.stringify({ address: text, verdict, rule: rule?.text, location: rule?.location })}\n`;
}

function usage(message: string, hint: string): AlfError {
  return new AlfError('ALF_USAGE', message, { hint });
}
