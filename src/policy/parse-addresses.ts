import { quote } from '../errors/index.js';
import { type Address, formatPrefix, parseAddress, parsePrefix } from '../net/index.js';
import { unmapAddress, unmapPrefix } from './mapped.js';
import { locate, refuse } from './refuse.js';
import type { PrefixPeer, RangePeer, Warning } from './syntax.js';
import type { SourceLocation } from './types.js';

/** Whether a word is meant as an address, a prefix or a range, and cannot be a host name. */
export function looksNumeric(text: string): boolean {
  return /[:/]/.test(text) || /^[\d.-]+$/.test(text);
}

/**
 * Reads an address, a prefix or a range `a-b`.
 *
 * Host bits below the prefix length are cleared with a warning. IPv4-mapped IPv6 becomes IPv4.
 *
 * @param warnings where warnings are added
 * @throws AlfError ALF_RULE for anything else, a zone, a descending range, or one that mixes families
 */
export function parseAddresses(
  text: string,
  location: SourceLocation,
  warnings: Warning[],
): PrefixPeer | RangePeer {
  if (text.includes('%')) {
    const hint = 'leave out the zone and name the interface: in on IF';
    refuse(location, `${quote(text)} has a zone: expected an address without one`, hint);
  }
  if (text.includes('-')) return parseRange(text, location);
  const { prefix, hostBits } = locate(location, () => parsePrefix(text));
  const unmapped = unmapPrefix(prefix);
  if (hostBits) {
    const message = `${quote(text)} has bits set below its prefix length and means ${formatPrefix(unmapped)}`;
    warnings.push({ location, message, kind: 'host bits' });
  }
  return { kind: 'prefix', prefix: unmapped, location };
}

function parseRange(text: string, location: SourceLocation): RangePeer {
  const [first, last] = text.split(/-(.*)/s, 2).map((end) => parseEnd(text, end, location)) as [
    Address,
    Address,
  ];
  if (first.family !== last.family) {
    refuse(location, `${quote(text)} mixes IPv4 and IPv6: expected two addresses of one family`);
  }
  const differ = first.bytes.findIndex((byte, i) => byte !== last.bytes[i]);
  if (differ >= 0 && (first.bytes[differ] as number) > (last.bytes[differ] as number)) {
    refuse(location, `${quote(text)} runs backwards: expected the lower address first`);
  }
  return { kind: 'range', first, last, location };
}

function parseEnd(range: string, end: string, location: SourceLocation): Address {
  if (end.includes('/')) {
    refuse(location, `${quote(range)} is a range between prefixes: expected two addresses`);
  }
  return unmapAddress(locate(location, () => parseAddress(end), `${quote(range)} is not a range: `));
}
