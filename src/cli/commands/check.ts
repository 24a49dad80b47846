import { AlfError, quote } from '../../errors/index.js';
import { readLines, STDIN } from '../../files/index.js';
import { parsePeer } from '../../net/index.js';
import {
  type Decision,
  describeList,
  describePort,
  describeRule,
  evaluate,
  evaluateUnix,
  formatWarnings,
  type Packet,
  type Policy,
  parseProtocol,
  UNIX_PROTOCOL,
} from '../../policy/index.js';
import { findInterface, type NetworkInterface } from '../../probe/index.js';
import { createLogger } from '../env.js';
import { Options } from '../given-options.js';
import { CHECK_OPTIONS } from '../options.js';
import { parseArgs } from '../parse-options.js';
import { readPolicy } from '../read-policy.js';
import type { Command } from './command.js';

/** Stands for the peers of UNIX sockets, which have no addresses. */
const UNIX = 'unix';

type CheckOptions = Options<typeof CHECK_OPTIONS>;

/**
 * `alfwrapper check [rules] ADDR[:PORT]…`: prints the verdict for packets from these addresses, and the rule that decides.
 *
 * Status 0 if all are allowed, 1 if one is denied.
 */
export const check: Command = {
  name: 'check',
  usage: '[rules] ADDR[:PORT]… | unix',
  describe:
    'print the verdict of rules for a packet from an address or on a UNIX socket, and the rule that decides; - reads addresses from standard input',
  options: CHECK_OPTIONS,
  run: async (argv, env) => {
    const { given, words } = parseArgs(argv, CHECK_OPTIONS);
    const options = new Options(CHECK_OPTIONS, given);
    const find = (name: string) => findInterface(env.ops.core, name);
    const { report, warn } = createLogger(env, { verbose: options.on('verbose'), quiet: false });
    const resolved = await readPolicy(given, find);
    if (resolved === undefined) throw usage('no rules given', 'give --allow, --deny, --rule or --policy');
    if (words.length === 0)
      throw usage('no address given', 'expected: alfwrapper check [rules] ADDR[:PORT]…');
    for (const list of resolved.lists) report?.(describeList(list));
    for (const line of formatWarnings(resolved.warnings)) warn(line);
    const ifname = arrivalOf(options.maybe('on'), find, warn);
    const texts = words.flatMap((word) => (word === '-' ? readAddresses() : [word]));
    const decisions = texts.map((text) => decide(text, resolved.policy, options, ifname));
    env.write(1, decisions.map(options.on('json') ? renderJson : renderLine).join(''));
    return decisions.every(({ decision }) => decision.verdict === 'allow') ? 0 : 1;
  },
};

interface Checked {
  readonly text: string;
  readonly decision: Decision;
}

/** The interface that rules match: the master of a port, else the interface itself. */
function arrivalOf(
  name: string | undefined,
  find: (name: string) => NetworkInterface | undefined,
  warn: (message: string) => void,
): string | undefined {
  const found = name === undefined ? undefined : find(name);
  if (name !== undefined && found?.master !== undefined) warn(describePort(name, found.master));
  return found?.master ?? found?.name ?? name;
}

function decide(text: string, policy: Policy, options: CheckOptions, ifname: string | undefined): Checked {
  if (text === UNIX) return { text, decision: evaluateUnix(policy) };
  const packet = { ...describePacket(text, options), ifname };
  requireFields(policy, packet);
  return { text, decision: evaluate(policy, packet as Packet) };
}

/** A packet with unspecified fields. */
type PartialPacket = { readonly [K in keyof Packet]: Packet[K] | undefined };

function describePacket(text: string, options: CheckOptions): Omit<PartialPacket, 'ifname'> {
  const from = parsePeer(text);
  const to = options.maybe('to');
  const destination = to === undefined ? undefined : parsePeer(to);
  const protocol = parseProtocol(options.text('proto'));
  if (protocol === undefined)
    throw usage(`${quote(options.text('proto'))} is not a protocol`, 'expected tcp, udp, icmp, …');
  if (protocol === UNIX_PROTOCOL)
    throw usage(`${quote(text)} is an address, which UNIX sockets do not see`, `write ${UNIX} in its place`);
  if (destination !== undefined && destination.address.family !== from.address.family) {
    throw usage(
      `${quote(text)} and ${quote(to ?? '')} are of different families`,
      'give both as IPv4 or both as IPv6',
    );
  }
  return {
    family: from.address.family,
    source: from.address.bytes,
    sourcePort: from.port,
    destination: destination?.address.bytes,
    destinationPort: destination?.port,
    protocol,
  };
}

/** Refuses a packet without a field that a rule asks for: its verdict would be a guess. */
function requireFields(policy: Policy, packet: PartialPacket): void {
  const needs = [
    ['interfaces', packet.ifname, 'the interface', '--on IF'],
    ['sourcePorts', packet.sourcePort, 'the source port', 'ADDR:PORT'],
    ['destination', packet.destination, 'the destination', '--to ADDR'],
    ['destinationPorts', packet.destinationPort, 'the destination port', '--to ADDR:PORT'],
  ] as const;
  for (const [field, value, what, how] of needs) {
    const rule = policy.rules.find(({ match }) => match[field] !== undefined);
    if (rule === undefined || value !== undefined) continue;
    throw usage(`the answer depends on ${what}: ${describeRule(rule)}`, `give it: ${how}`);
  }
}

function readAddresses(): string[] {
  return readLines(STDIN, /#.*$/s, { code: 'ALF_USAGE' }).lines.map(({ text }) => text);
}

function renderLine({ text, decision }: Checked): string {
  const reason = decision.rule === undefined ? 'default' : describeRule(decision.rule);
  return `${text} ${decision.verdict}: ${reason}\n`;
}

function renderJson({ text, decision }: Checked): string {
  const { verdict, rule } = decision;
  return `${JSON.stringify({ address: text, verdict, rule: rule?.text, location: rule?.location })}\n`;
}

function usage(message: string, hint: string): AlfError {
  return new AlfError('ALF_USAGE', message, { hint });
}
