import { PROTOCOL_LIMIT } from '../net/index.js';
import { edgeAddresses } from './source-samples.js';
import type { Packet, PortRange, Rule } from './types.js';

const FAMILIES = [4, 6] as const;
/** A protocol that few rules name. */
const RARE_PROTOCOL = 255;

/**
 * A few packets that a rule matches, at the edges of its sources; made as they are asked for. A field that the rule does not
 * name has a value that few other rules name. There are none for a rule that matches UNIX sockets only, or nothing.
 */
export function* samplePackets({ match }: Rule): Generator<Packet> {
  const protocol = first(match.protocols, RARE_PROTOCOL, (number) => number < PROTOCOL_LIMIT);
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
