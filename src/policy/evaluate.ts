import type { AddressFamily } from '../net/index.js';
import { UNIX_PROTOCOL } from '../net/index.js';
import { setContains } from './address-set.js';
import { unmapAddress } from './mapped.js';
import type { AddressSet, Match, Packet, Policy, PortRange, Rule, Verdict } from './types.js';

/** What a policy says of a packet, and which rule said so: `undefined` if it was the default. */
export interface Decision {
  readonly verdict: Verdict;
  readonly rule: Rule | undefined;
}

/**
 * What a policy means: the first rule that matches decides, or else the default.
 *
 * This is the reference every back-end is tested against, written to be read. IPv4-mapped addresses in a packet count
 * as IPv4. A rule with ports matches only packets of the protocols it names, so ports of others never come up.
 */
export function evaluate(policy: Policy, packet: Packet): Decision {
  const rule = policy.rules.find(({ match }) => matches(match, packet));
  return { verdict: rule?.verdict ?? policy.default, rule };
}

/**
 * What a policy means for a UNIX socket: its peers have no address, no port and no interface, so only rules that ask for
 * none of these match. One verdict holds for all of them.
 */
export function evaluateUnix(policy: Policy): Decision {
  const rule = policy.rules.find(
    ({ match: { protocols, ...others } }) =>
      Object.values(others).every((field) => field === undefined) &&
      (protocols === undefined || protocols.includes(UNIX_PROTOCOL)),
  );
  return { verdict: rule?.verdict ?? policy.default, rule };
}

/** Whether a packet is as a rule wants it, in every field. */
export function matches(match: Match, packet: Packet): boolean {
  return (
    (match.interfaces === undefined || match.interfaces.includes(packet.ifname)) &&
    (match.protocols === undefined || match.protocols.includes(packet.protocol)) &&
    holdsAddress(match.source, packet.family, packet.source) &&
    holdsPort(match.sourcePorts, packet.sourcePort) &&
    holdsAddress(match.destination, packet.family, packet.destination) &&
    holdsPort(match.destinationPorts, packet.destinationPort)
  );
}

function holdsAddress(set: AddressSet | undefined, family: AddressFamily, bytes: readonly number[]): boolean {
  if (set === undefined) return true;
  const address = unmapAddress({ family, bytes });
  return setContains(set, address.family, address.bytes);
}

function holdsPort(ranges: readonly PortRange[] | undefined, port: number): boolean {
  return ranges === undefined || ranges.some(({ first, last }) => first <= port && port <= last);
}
