import { describe, expect, it } from 'vitest';
import {
  etherTypes,
  extensionHeaders,
  formatProtocol,
  parseProtocol,
  protocolNames,
  protocols,
  UNIX_PROTOCOL,
} from '../../../src/net/index.js';
import { numbersInC } from '../support/c-numbers.js';

describe("the numbers are those of the system's headers", () => {
  it('for protocols', () => {
    const { unix: _, ...onWire } = protocols;
    const expressions = Object.keys(onWire).map((name) => `IPPROTO_${name.toUpperCase()}`);
    expect(numbersInC(['netinet/in.h'], expressions)).toEqual(Object.values(onWire));
  });

  it('for extension headers and Ethernet', () => {
    const { hopByHop, routing, fragment, destinationOptions } = extensionHeaders;
    const expressions = ['IPPROTO_HOPOPTS', 'IPPROTO_ROUTING', 'IPPROTO_FRAGMENT', 'IPPROTO_DSTOPTS'];
    expect(
      numbersInC(['netinet/in.h', 'linux/if_ether.h'], [...expressions, 'ETH_P_IP', 'ETH_P_IPV6']),
    ).toEqual([hopByHop, routing, fragment, destinationOptions, etherTypes[4], etherTypes[6]]);
  });
});

describe('names of protocols', () => {
  it.each(protocolNames)('%s goes to its number and back', (name) => {
    expect(formatProtocol(parseProtocol(name) ?? -1)).toBe(name);
  });

  it.each([
    ['0', 0],
    ['6', 6],
    ['255', 255],
  ])('accepts %s', (text, number) => {
    expect(parseProtocol(text)).toBe(number);
  });

  it.each(['', '256', '06', '-1', '1.0', 'TCP', 'toString', String(UNIX_PROTOCOL)])('rejects %j', (text) => {
    expect(parseProtocol(text)).toBeUndefined();
  });

  it('writes a number without a name as it is', () => {
    expect(formatProtocol(255)).toBe('255');
  });
});
