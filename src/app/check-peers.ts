import { AlfError, quote, type Remedy } from '../errors/index.js';
import { readLines, STDIN } from '../files/index.js';
import type { EngineContext } from '../filter/index.js';
import { findInterface, type NetworkInterface } from '../kernel/probe/index.js';
import { parsePeer, parseProtocol, UNIX_PROTOCOL } from '../net/index.js';
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
} from '../policy/index.js';
import { type RuleInput, readPolicy } from './read-policy.js';

/** Packets to ask rules about: those that differ in where they come from only. */
export interface CheckRequest {
  readonly rules: readonly RuleInput[];
  /** `ADDR`, `ADDR:PORT`, `unix`; `-` for those on standard input, one a line. */
  readonly peers: readonly string[];
  /** Where they go, `ADDR` or `ADDR:PORT`. */
  readonly to: string | undefined;
  /** Name or number. */
  readonly protocol: string;
  /** The interface they come in on. */
  readonly interface: string | undefined;
}

/** What rules do with packets of a peer. */
export interface CheckedPeer {
  readonly text: string;
  readonly decision: Decision;
}

/** The peers of UNIX sockets, which have no addresses. */
const UNIX = 'unix';

/**
 * Finds out what rules do with packets, in order.
 *
 * @throws AlfError ALF_RULE, ALF_POLICY_INPUT, ALF_ADDRESS; ALF_USAGE where the answer depends on a field that the request
 *   does not say
 */
export async function checkPeers(request: CheckRequest, context: EngineContext): Promise<CheckedPeer[]> {
  const { ops, report, warn } = context;
  const find = (name: string) => findInterface(ops.core, name);
  const { policy, lists, warnings } = await readPolicy(request.rules, find);
  for (const list of lists) report?.(describeList(list));
  for (const line of formatWarnings(warnings)) warn(line);
  const ifname = arrivalOf(request.interface, find, warn);
  const texts = request.peers.flatMap((peer) => (peer === '-' ? readPeers() : [peer]));
  return texts.map((text) => ({ text, decision: decide(text, policy, request, ifname) }));
}

/** The interface as rules see it: by its own name, or its master. */
function arrivalOf(
  name: string | undefined,
  find: (name: string) => NetworkInterface | undefined,
  warn: (message: string) => void,
): string | undefined {
  const found = name === undefined ? undefined : find(name);
  if (name !== undefined && found?.master !== undefined) warn(describePort(name, found.master));
  return found?.master ?? found?.name ?? name;
}

function decide(text: string, policy: Policy, request: CheckRequest, ifname: string | undefined): Decision {
  if (text === UNIX) return evaluateUnix(policy);
  const packet = { ...describePacket(text, request), ifname };
  requireFields(policy, packet);
  return evaluate(policy, packet as Packet);
}

/** A packet with unspecified fields. */
type PartialPacket = { readonly [K in keyof Packet]: Packet[K] | undefined };

function describePacket(text: string, request: CheckRequest): Omit<PartialPacket, 'ifname'> {
  const from = parsePeer(text);
  const { to } = request;
  const destination = to === undefined ? undefined : parsePeer(to);
  const protocol = parseProtocol(request.protocol);
  if (protocol === undefined)
    throw usage(`${quote(request.protocol)} is not a protocol`, 'expected tcp, udp, icmp, …');
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

/** An answer that depends on an unspecified field would be a guess. */
function requireFields(policy: Policy, packet: PartialPacket): void {
  const needs = [
    ['interfaces', packet.ifname, 'interface'],
    ['sourcePorts', packet.sourcePort, 'source port'],
    ['destination', packet.destination, 'destination'],
    ['destinationPorts', packet.destinationPort, 'destination port'],
  ] as const;
  for (const [match, value, field] of needs) {
    const rule = policy.rules.find((candidate) => candidate.match[match] !== undefined);
    if (rule === undefined || value !== undefined) continue;
    const remedy: Remedy = { kind: 'give field', field };
    throw new AlfError('ALF_USAGE', `the answer depends on the ${field}: ${describeRule(rule)}`, { remedy });
  }
}

function readPeers(): string[] {
  return readLines(STDIN, /#.*$/s, { code: 'ALF_USAGE' }).lines.map(({ text }) => text);
}

function usage(message: string, hint: string): AlfError {
  return new AlfError('ALF_USAGE', message, { hint });
}
