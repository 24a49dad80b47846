/**
 * IP protocols by the names that rules, options and messages use; `unix` is not a protocol; its number is one that no packet can carry.
 *
 * @see IANA protocol-numbers, protocols(5)
 */
export const protocols = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
  unix: 256,
} as const;

const NUMBERS: Readonly<Record<string, number>> = protocols;
const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name]));

/** What follows an IPv6 header and is not the transport's own: headers by their numbers. */
export const extensionHeaders = { hopByHop: 0, routing: 43, fragment: 44, destinationOptions: 60 } as const;

/** Ethernet's number of each address family. @see include/uapi/linux/if_ether.h */
export const etherTypes = { 4: 0x0800, 6: 0x86dd } as const;

/** Numbers of IP protocols are lower. */
export const PROTOCOL_LIMIT = 256;

/** What `proto unix` stands for: sockets of this machine's own. No IP packet has this number. */
export const UNIX_PROTOCOL = protocols.unix;

/** The protocols whose ports rules can match. */
export const portProtocols: readonly number[] = [protocols.tcp, protocols.udp];

/** The names `proto` takes. */
export const protocolNames = Object.keys(protocols);

/** The number of a protocol given by name or as a number from 0 to 255; `undefined` for anything else. */
export function parseProtocol(text: string): number | undefined {
  if (Object.hasOwn(NUMBERS, text)) return NUMBERS[text];
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) < PROTOCOL_LIMIT ? Number(text) : undefined;
}

/** Writes a protocol by name, or as a number if it has none here. */
export function formatProtocol(number: number): string {
  return NAMES.get(number) ?? String(number);
}
