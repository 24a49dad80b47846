import { type Address, formatAddress } from './address.js';

/** An address and a port. */
export interface Endpoint {
  readonly address: Address;
  /** Port in host order. */
  readonly port: number;
}

/** Writes an endpoint the way URLs and systemd do: `127.0.0.1:80`, `[::1]:80`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const host = formatAddress(endpoint.address);
  return endpoint.address.family === 4 ? `${host}:${endpoint.port}` : `[${host}]:${endpoint.port}`;
}
