import type { Address } from './address.js';
import { protocols } from './protocols.js';

/** A packet as a socket filter gets it. */
export interface CraftedPacket {
  /** From the network header on. */
  readonly bytes: Uint8Array;
  /** Offset of the transport header: offset 0 of a filter on a TCP or UDP socket. */
  readonly transport: number;
}

/** The fields of a packet. */
export interface PacketParts {
  /** IP protocol number. Protocols other than TCP and UDP get no transport header. */
  readonly protocol: number;
  readonly source: Address;
  readonly sourcePort: number;
  /** Of the same family. */
  readonly destination: Address;
  readonly destinationPort: number;
  /** Bits of the TCP header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  readonly flags: number;
  readonly data: Uint8Array;
}

const HEADER_BYTES: Readonly<Record<number, number>> = { [protocols.tcp]: 20, [protocols.udp]: 8 };
const HOPS = 64;

/**
 * Builds a packet with headers without options. Checksums are 0, because the kernel checks them before any filter.
 *
 * @see RFC 791, RFC 8200, RFC 9293, RFC 768
 */
export function craftPacket(parts: PacketParts): CraftedPacket {
  const segment = craftSegment(parts);
  const transport = parts.source.family === 4 ? 20 : 40;
  const bytes = new Uint8Array(transport + segment.length);
  const view = new DataView(bytes.buffer);
  if (parts.source.family === 4) {
    bytes[0] = 0x45;
    view.setUint16(2, bytes.length);
    bytes.set([HOPS, parts.protocol], 8);
    bytes.set(parts.source.bytes, 12);
    bytes.set(parts.destination.bytes, 16);
  } else {
    bytes[0] = 0x60;
    view.setUint16(4, segment.length);
    bytes.set([parts.protocol, HOPS], 6);
    bytes.set(parts.source.bytes, 8);
    bytes.set(parts.destination.bytes, 24);
  }
  bytes.set(segment, transport);
  return { bytes, transport };
}

/**
 * Wraps a packet that was given in bytes.
 *
 * @returns undefined without a network header of IPv4, or of IPv6 directly followed by the transport header
 */
export function readPacket(bytes: Uint8Array): CraftedPacket | undefined {
  const [first = 0] = bytes;
  const transport = first >> 4 === 4 ? (first & 0xf) * 4 : first >> 4 === 6 ? 40 : 0;
  return transport < 20 || bytes.length < transport ? undefined : { bytes, transport };
}

function craftSegment(parts: PacketParts): Uint8Array {
  const header = HEADER_BYTES[parts.protocol] ?? 0;
  const segment = new Uint8Array(header + parts.data.length);
  const view = new DataView(segment.buffer);
  if (header > 0) {
    view.setUint16(0, parts.sourcePort);
    view.setUint16(2, parts.destinationPort);
  }
  if (parts.protocol === protocols.tcp) {
    segment.set([(header / 4) << 4, parts.flags], 12);
    view.setUint16(14, 0xffff);
  }
  if (parts.protocol === protocols.udp) view.setUint16(4, segment.length);
  segment.set(parts.data, header);
  return segment;
}
