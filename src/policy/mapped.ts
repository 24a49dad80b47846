import type { AddressFamily, Prefix } from '../net/index.js';

const MAPPED_BITS = 96;
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** An address without its text: family, and 4 or 16 bytes in network order. */
export interface AddressBytes {
  readonly family: AddressFamily;
  readonly bytes: readonly number[];
}

/**
 * Converts an IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) to IPv4; returns any other address unchanged.
 *
 * @see RFC 4291 section 2.5.5.2
 */
export function unmapAddress<T extends AddressBytes>(address: T): T {
  const mapped = address.family === 6 && MAPPED.every((byte, i) => address.bytes[i] === byte);
  return mapped ? { ...address, family: 4, bytes: address.bytes.slice(MAPPED.length) } : address;
}

/** Converts `::ffff:a.b.c.d/96+n` to an IPv4 prefix; shorter prefixes, such as `::/0`, stay IPv6. */
export function unmapPrefix(prefix: Prefix): Prefix {
  if (prefix.length < MAPPED_BITS) return prefix;
  const unmapped = unmapAddress(prefix);
  return unmapped === prefix ? prefix : { ...unmapped, length: prefix.length - MAPPED_BITS };
}
