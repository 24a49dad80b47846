import { type Address, parseAddress } from './address.js';
import { parsePort } from './port.js';

/**
 * Reads an address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
 *
 * @throws AlfError ALF_ADDRESS
 */
export function parsePeer(text: string): { readonly address: Address; readonly port: number | undefined } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/s.exec(text) ?? [];
  return {
    address: parseAddress(bracketed ?? plain ?? text),
    port: port === undefined ? undefined : parsePort(port),
  };
}
