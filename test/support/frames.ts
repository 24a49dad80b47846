import type { Packet } from '../../src/policy/index.js';

/** An IP packet with the first 8 bytes of its transport header (UDP's, whatever the protocol) and no payload. */
export function ipPacket(packet: Packet): Uint8Array {
  const header = packet.family === 4 ? header4(packet) : header6(packet);
  return Uint8Array.from([
    ...header,
    ...pair(packet.sourcePort),
    ...pair(packet.destinationPort),
    0,
    8,
    0,
    0,
  ]);
}

/** RFC 791, section 3.1. */
function header4(packet: Packet): number[] {
  const start = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, packet.protocol];
  const addresses = [...packet.source, ...packet.destination];
  return [...start, ...pair(checksum([...start, 0, 0, ...addresses])), ...addresses];
}

/** RFC 8200, section 3. */
function header6(packet: Packet): number[] {
  return [0x60, 0, 0, 0, 0, 8, packet.protocol, 64, ...packet.source, ...packet.destination];
}

function pair(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** RFC 1071: the complement of the sum of all pairs of bytes. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
