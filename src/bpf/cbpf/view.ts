import { etherTypes, extensionHeaders, protocols } from '../../net/index.js';

/**
 * Where a program runs: `socket` behind `SO_ATTACH_FILTER`, `reuseport` behind `SO_ATTACH_REUSEPORT_CBPF`.
 *
 * The instructions are the same; what lies at offset 0 and what the returned number means differ.
 */
export type Mode = 'socket' | 'reuseport';

/** A packet as a program sees it. */
export interface PacketView {
  /** The packet from its network header on. */
  readonly bytes: Uint8Array;
  /** Index in `bytes` of what the program calls offset 0. */
  readonly dataOffset: number;
  /** Ethertype, host order. */
  readonly protocol: number;
  /** Index of the interface it came in on. */
  readonly ifindex: number;
  /** The random number that programs load; 0 if omitted. */
  readonly random?: number;
}

const { hopByHop, routing, destinationOptions, fragment } = extensionHeaders;
/** Extension headers whose second byte is a length. */
const OPTIONS: readonly number[] = [hopByHop, routing, destinationOptions];

/**
 * Shows a packet the way the kernel shows it to a TCP or UDP socket's program.
 *
 * Offset 0 is the transport header for a socket filter. For a reuseport program it is behind it: the kernel pulls
 * the TCP header with its options, or the eight bytes of the UDP header, before it runs the program. IPv4 options
 * and IPv6 extension headers (hop-by-hop, routing, destination options, an atomic fragment) are stepped over. A
 * packet too short for its headers has its data at its end; the kernel never shows one to a socket.
 *
 * @param bytes from the network header on; the first four bits tell the version and with it the ethertype, which is
 *   0 for anything but 4 and 6
 * @see net/ipv4/udp.c, net/ipv4/tcp_ipv4.c, net/core/sock_reuseport.c at v6.18
 */
export function viewPacket(bytes: Uint8Array, mode: Mode, ifindex: number): PacketView {
  const version = (bytes[0] ?? 0) >> 4;
  const transport = version === 4 ? behindHeader4(bytes) : version === 6 ? behindHeaders6(bytes) : undefined;
  const protocol = version === 4 || version === 6 ? etherTypes[version] : 0;
  let offset = transport?.offset ?? 0;
  if (mode === 'reuseport' && transport !== undefined) {
    offset += transport.protocol === protocols.tcp ? ((bytes[offset + 12] ?? 0) >> 4) * 4 : 8;
  }
  return { bytes, dataOffset: Math.min(offset, bytes.length), protocol, ifindex };
}

interface Transport {
  readonly offset: number;
  readonly protocol: number;
}

function behindHeader4(bytes: Uint8Array): Transport {
  return { offset: ((bytes[0] ?? 0) & 0x0f) * 4, protocol: bytes[9] ?? 0 };
}

function behindHeaders6(bytes: Uint8Array): Transport {
  let protocol = bytes[6] ?? 0;
  let offset = 40;
  while ((OPTIONS.includes(protocol) || protocol === fragment) && offset < bytes.length) {
    const size = protocol === fragment ? 8 : ((bytes[offset + 1] ?? 0) + 1) * 8;
    protocol = bytes[offset] ?? 0;
    offset += size;
  }
  return { offset, protocol };
}
