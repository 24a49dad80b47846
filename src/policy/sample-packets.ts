import { edgeAddresses } from './source-samples.js';
import type { Packet, PortRange, Rule } from './types.js';

const FAMILIES = [4, 6] as const;
/** Protocol numbers are smaller; few rules name this number. */
const PROTOCOLS = 256;
const RARE_PROTOCOL = 255;

/**
 * Yields a few packets that a rule matches, at the edges of its sources. A field that the rule does not
 * name has a value that few other rules name. Yields nothing for a rule that matches only UNIX sockets, or nothing.
 */
export function* samplePackets({ match }: Rule): Generator<Packet> {
  const protocol = first(match.protocols, RARE_PROTOCOL, (number) => number < PROTOCOLS);
  const ifname = first(match.interfaces, '');
  const [sourcePort, destinationPort] = [match.sourcePorts, match.destinationPorts].map(firstPort);
  if (protocol === undefined || ifname === undefined) return;
  if (sourcePort === undefined || destinationPort === undefined) return;
  const others = { protocol, ifname, sourcePort, destinationPort };
  for (const family of FAMILIES) {
    const [destination] = edgeAddresses(match.destination, family);
    if (destination === undefined) continue;
    for (const source of edgeAddresses(match.source, family))
      yield { ...others, family, source, destination };
  }
}

/** The first item of a list; `unnamed` without a list. */
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
