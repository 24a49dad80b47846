import { type AddressSet, AddressSetBuilder } from '../../src/policy/index.js';

/** A set of IPv4 addresses, and of all IPv6 addresses if `all6`. */
export function setOf4(addresses: readonly number[], all6: boolean): AddressSet {
  const builder = new AddressSetBuilder();
  for (const address of addresses) builder.add4(address, address);
  if (all6) builder.addBytes(new Array(16).fill(0), new Array(16).fill(255));
  return builder.build();
}
