import { AlfError, quote } from '../errors/index.js';
import type { InternetSpec } from '../net/index.js';
import type { Capabilities } from './capabilities.js';

/**
 * The interface index of a scoped address: its zone is an interface name, or the index in digits.
 *
 * @returns 0 without a zone
 * @throws AlfError ALF_ADDRESS if there is no such interface
 * @see RFC 4007 section 11
 */
export function scopeOf(socket: InternetSpec, capabilities: Pick<Capabilities, 'interfaces'>): number {
  const { zone } = socket.address;
  if (zone === '') return 0;
  const index =
    capabilities.interfaces.get(zone)?.index ?? (/^\d{1,9}$/.test(zone) ? Number(zone) : undefined);
  if (index === undefined) {
    throw new AlfError('ALF_ADDRESS', `no such network interface: ${quote(zone)}`, {
      hint: 'see: ip link show',
    });
  }
  return index;
}
