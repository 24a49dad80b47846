import type { AddressFamily } from '../net/index.js';
import { edgeAddresses } from './source-samples.js';
import type { Packet, PortRange, Rule } from './types.js';

/** Numbers of IP protocols lie below; a number that few rules name. */
const PROTOCOLS = 256;
const RARE_PROTOCOL = 255;

/**
 * A few packets that a rule matches, at the edges of its sources. A field that the rule does not name has a value that few
 * other rules name. There are none for a rule that matches UNIX sockets only, or nothing.
 */
export function samplePackets(rule: Rule): Packet[] {
  return ([4, 6] as const).flatMap((family) => packetsOf(rule, family));
}

function packetsOf({ match }: Rule, family: AddressFamily): Packet[] {
  const [destination] = edgeAddresses(match.destination, family);
  const protocol = first(match.protocols, RARE_PROTOCOL, (number) => number < PROTOCOLS);
  const ifname = first(match.interfaces, '');
  const [sourcePort, destinationPort] = [match.sourcePorts, match.destinationPorts].map(firstPort);
  if (destination === undefined || protocol === undefined || ifname === undefined) return [];
  if (sourcePort === undefined || destinationPort === undefined) return [];
  const others = { family, destination, protocol, ifname, sourcePort, destinationPort };
  return edgeAddresses(match.source, family).map((source) => ({ ...others, source }));
}

/** The first item that will do; `unnamed` if there is no list. */
function first<T>(
  items: readonly T[] | undefined,
  unnamed: T,
  willDo: (item: T) => boolean = () => true,
): T | undefined {
  return items === undefined ? unnamed : items.find(willDo);
}

function firstPort(ranges: readonly PortRange[] | undefined): number | undefined {
  return ranges === undefined ? 0 : ranges[0]?.first;
}
