/**
 * Names of IP protocols and their numbers. `unix` is not an IP protocol; no packet can have its number.
 *
 * @see IANA protocol-numbers, protocols(5)
 */
const NUMBERS: Readonly<Record<string, number>> = {
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
};

const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name]));

/** The number of `proto unix`, for UNIX sockets. No IP packet has this number. */
export const UNIX_PROTOCOL = NUMBERS['unix'] as number;

/** The protocols whose ports rules can match. */
export const portProtocols = [NUMBERS['tcp'], NUMBERS['udp']] as readonly number[];

/** The names that `proto` accepts. */
export const protocolNames = Object.keys(NUMBERS);

/** The number of a protocol given by name or as a number from 0 to 255; `undefined` for anything else. */
export function parseProtocol(text: string): number | undefined {
  if (Object.hasOwn(NUMBERS, text)) return NUMBERS[text];
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255 ? Number(text) : undefined;
}

/** Writes a protocol by name, or as a number without a known name. */
export function formatProtocol(number: number): string {
  return NAMES.get(number) ?? String(number);
}
