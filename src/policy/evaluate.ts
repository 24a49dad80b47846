import type { AddressFamily } from '../net/index.js';
import { UNIX_PROTOCOL } from '../net/index.js';
import { setContains } from './address-set.js';
import { unmapAddress } from './mapped.js';
import type { AddressSet, Match, Packet, Policy, PortRange, Rule, Verdict } from './types.js';

/** The verdict of a policy, and the rule that decided; `undefined` if the default did. */
export interface Decision {
  readonly verdict: Verdict;
  readonly rule: Rule | undefined;
}

/**
 * The verdict of a policy for a packet: the first rule that matches decides, else the default.
 *
 * This is the reference that every back-end is tested against. IPv4-mapped addresses in a packet count
 * as IPv4. A rule with ports matches only packets of the protocols it names, so ports of others never come up.
 */
export function evaluate(policy: Policy, packet: Packet): Decision {
  const rule = policy.rules.find(({ match }) => matches(match, packet));
  return { verdict: rule?.verdict ?? policy.default, rule };
}

/**
 * The verdict of a policy for all peers of a UNIX socket. They have no address, port or interface, so only rules that ask
 * for none of these match.
 */
export function evaluateUnix(policy: Policy): Decision {
  const rule = policy.rules.find(
    ({ match: { protocols, ...others } }) =>
      Object.values(others).every((field) => field === undefined) &&
      (protocols === undefined || protocols.includes(UNIX_PROTOCOL)),
  );
  return { verdict: rule?.verdict ?? policy.default, rule };
}

/** Whether a packet matches a rule in every field. */
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
