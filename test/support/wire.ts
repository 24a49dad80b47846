import type { Packet } from '../../src/policy/index.js';

/** How a packet is put on the wire beside what rules see of it. */
export interface Wire {
  /** IPv4 options: words of "no operation". */
  readonly options: number;
  /** IPv6 extension headers: destination options with nothing in them. */
  readonly extensions: number;
  readonly payload: readonly number[];
  /** Time to live or hop limit; 64 if left out. */
  readonly hops?: number;
}

const TCP = 6;

/** Writes a packet from its network header on, with valid checksums: a UDP datagram or a TCP SYN. */
export function encodePacket(packet: Packet, wire: Wire): Uint8Array {
  const { family, source, destination, protocol } = packet;
  const transport = protocol === TCP ? tcpSyn(packet) : udp(packet, wire.payload);
  const pseudo = [...source, ...destination, ...be32(transport.length), 0, 0, 0, protocol];
  const sumAt = protocol === TCP ? 16 : 6;
  transport.splice(sumAt, 2, ...be16(checksum([...pseudo, ...transport]) || 0xffff));
  return Uint8Array.from(family === 4 ? ipv4(packet, wire, transport) : ipv6(packet, wire, transport));
}

function ipv4(
  { source, destination, protocol }: Packet,
  { options, hops = 64 }: Wire,
  transport: readonly number[],
): number[] {
  const size = 20 + options * 4;
  const start = [0x40 | (size / 4), 0, ...be16(size + transport.length), 0, 0, 0x40, 0, hops, protocol];
  const end = [...source, ...destination, ...new Array<number>(options * 4).fill(1)];
  return [...start, ...be16(checksum([...start, 0, 0, ...end])), ...end, ...transport];
}

function ipv6(
  { source, destination, protocol }: Packet,
  { extensions, hops = 64 }: Wire,
  transport: readonly number[],
): number[] {
  const headers: number[] = [];
  // Eight bytes each: next header, no further length, a PadN option of four bytes.
  for (let left = extensions; left > 0; left--) headers.push(left > 1 ? 60 : protocol, 0, 1, 4, 0, 0, 0, 0);
  const length = be16(headers.length + transport.length);
  const next = extensions > 0 ? 60 : protocol;
  return [0x60, 0, 0, 0, ...length, next, hops, ...source, ...destination, ...headers, ...transport];
}

function udp({ sourcePort, destinationPort }: Packet, payload: readonly number[]): number[] {
  return [...be16(sourcePort), ...be16(destinationPort), ...be16(8 + payload.length), 0, 0, ...payload];
}

function tcpSyn({ sourcePort, destinationPort }: Packet): number[] {
  const mss = [2, 4, 5, 0xb4];
  const flags = [0x60, 0x02];
  return [
    ...be16(sourcePort),
    ...be16(destinationPort),
    ...be32(1),
    ...be32(0),
    ...flags,
    0x10,
    0,
    0,
    0,
    0,
    0,
    ...mss,
  ];
}

function be16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

function be32(value: number): number[] {
  return [...be16(value >>> 16), ...be16(value)];
}

/** The ones' complement sum of RFC 1071. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
