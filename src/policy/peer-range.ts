import type { AddressSetBuilder } from './address-set-builder.js';
import { lastOfPrefix } from './prefix-range.js';
import type { PrefixPeer, RangePeer } from './syntax.js';

/** Adds the addresses of a prefix or a range. */
export function addPeer(builder: AddressSetBuilder, peer: PrefixPeer | RangePeer): void {
  if (peer.kind === 'range') builder.addBytes(peer.first.bytes, peer.last.bytes);
  else builder.addBytes(peer.prefix.bytes, lastOfPrefix(peer.prefix));
}
