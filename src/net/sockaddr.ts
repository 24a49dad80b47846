import type { Address } from './address.js';
import { hostIsLittleEndian } from './byte-order.js';
import type { Endpoint } from './endpoint.js';

/** The values of `AF_INET` and `AF_INET6` on this platform, from the addon's headers. */
export interface SockaddrFamilies {
  readonly AF_INET: number;
  readonly AF_INET6: number;
}

const SIZE_IN = 16;
const SIZE_IN6 = 28;

/**
 * Encodes an endpoint as `struct sockaddr_in` (16 bytes) or `struct sockaddr_in6` (28 bytes).
 *
 * The family is in host byte order (every Linux that Node runs on is little-endian or declares it through
 * `littleEndian`), port and address are in network order, flow information is 0.
 *
 * @param scopeId interface index for a scoped IPv6 address, else 0
 * @see ip(7), ipv6(7)
 */
export function encodeSockaddr(
  endpoint: Endpoint,
  scopeId: number,
  families: SockaddrFamilies,
  littleEndian = hostIsLittleEndian(),
): Uint8Array {
  const v4 = endpoint.address.family === 4;
  const bytes = new Uint8Array(v4 ? SIZE_IN : SIZE_IN6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, v4 ? families.AF_INET : families.AF_INET6, littleEndian);
  view.setUint16(2, endpoint.port);
  bytes.set(endpoint.address.bytes, v4 ? 4 : 8);
  if (!v4) view.setUint32(24, scopeId, littleEndian);
  return bytes;
}

/**
 * Decodes the result of getsockname(2); the inverse of {@link encodeSockaddr}, except that the zone is empty.
 *
 * @returns undefined for any family but IPv4 and IPv6
 */
export function decodeSockaddr(
  bytes: Uint8Array,
  families: SockaddrFamilies,
  littleEndian = hostIsLittleEndian(),
): Endpoint | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIZE_IN) return undefined;
  const family = view.getUint16(0, littleEndian);
  const port = view.getUint16(2);
  const address = (version: 4 | 6, at: number): Address => ({
    family: version,
    bytes: [...bytes.subarray(at, at + (version === 4 ? 4 : 16))],
    zone: '',
  });
  if (family === families.AF_INET) return { address: address(4, 4), port };
  if (family === families.AF_INET6 && bytes.length >= SIZE_IN6) return { address: address(6, 8), port };
  return undefined;
}
