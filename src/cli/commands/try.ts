import { findFilter, openFilter, runTrial } from '../../ebpf/index.js';
import { AlfError } from '../../errors/index.js';
import { readLines, STDIN } from '../../files/index.js';
import { interfaceQuestions, makePlan } from '../../plan/index.js';
import { findInterface, gatherCapabilities } from '../../probe/index.js';
import { createLogger, engineContext } from '../env.js';
import { Options } from '../given-options.js';
import { TRY_OPTIONS } from '../options.js';
import { readLaunch } from '../parse.js';
import { parseArgs } from '../parse-options.js';
import { type NamedPacket, parsePacket } from '../try/parse-packet.js';
import { unquoted } from '../unquoted.js';
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
  describe: 'run a filter on crafted packets, in order, and say what it does with each; needs CAP_BPF',
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
    const { report, warn } = createLogger(env, {
      verbose: options.on('verbose'),
      quiet: options.on('quiet'),
    });
    const packets = readPackets(options, (name) => findInterface(env.ops.core, name)?.index);
    if (packets.length === 0) throw usage('no packet given');
    const found = findFilter(filter, env.root);
    const opened = await openFilter(found, opening, engineContext(env, { report, warn }));
    try {
      const input = { ...found, spec: opened.spec, policy: undefined };
      const wanted = { ...config, listeners: [] };
      const interfaces = interfaceQuestions(wanted, input);
      const plan = makePlan(wanted, input, gatherCapabilities(env.ops, { interfaces }));
      for (const warning of plan.warnings) warn(warning);
      const loaded = opened.load(plan.filter);
      try {
        const kept = runTrial(env.ops.bpf(), loaded, packets);
        const show = options.on('json') ? renderJson : renderLine;
        env.write(1, packets.map((packet, i) => show(packet, kept[i] ?? 0)).join(''));
        return kept.every((bytes) => bytes > 0) ? 0 : 1;
      } finally {
        loaded.close();
      }
    } finally {
      opened.close();
    }
  },
};

/** The packets of the command line, then those of the file. */
function readPackets(
  options: Options<typeof TRY_OPTIONS>,
  interfaceIndex: (name: string) => number | undefined,
): NamedPacket[] {
  const given = options.list('packet').map((text) => parsePacket(text, interfaceIndex));
  const file = options.maybe('packets');
  if (file === undefined) return given;
  const { lines, quotable } = readLines(file === '-' ? STDIN : file, /^\s*#.*$/s, { code: 'ALF_USAGE' });
  const read = unquoted(quotable ? [] : [file], () =>
    lines.map(({ line, text }) => placed(`${file}:${line}`, () => parsePacket(text, interfaceIndex))),
  );
  return [...given, ...read];
}

/** Says where what is refused stands. */
function placed<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    const { code, message, hint } = error;
    throw new AlfError(code, `${where}: ${message}`, hint === undefined ? {} : { hint });
  }
}

/** How much of a packet gets through: a filter may cut it. */
function cut({ bytes, transport }: NamedPacket, kept: number): number | undefined {
  const whole = bytes.length - transport;
  return kept > 0 && kept < whole ? kept : undefined;
}

function renderLine(packet: NamedPacket, kept: number): string {
  const shortened = cut(packet, kept);
  const note = shortened === undefined ? '' : `, cut to ${shortened} bytes from the transport header on`;
  return `${packet.text}: ${kept > 0 ? 'allow' : 'deny'}${note}\n`;
}

function renderJson(packet: NamedPacket, kept: number): string {
  const verdict = kept > 0 ? 'allow' : 'deny';
  return `${JSON.stringify({ packet: packet.text, verdict, cut: cut(packet, kept) })}\n`;
}

function usage(message: string): AlfError {
  return new AlfError('ALF_USAGE', message, {
    hint: "expected: alfwrapper try FILTER --packet 'tcp 192.0.2.1:40000 to 192.0.2.2:80'",
  });
}
