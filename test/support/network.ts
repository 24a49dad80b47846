import { afterAll } from 'vitest';
import { createNetwork, type Network } from './hosts.js';

export { ADDRESS, type Network } from './hosts.js';

/** Where only root could make one: the commands of tests that say that they need it, and are skipped. */
const NO_NETWORK: Network = { server: ['false'], client: ['false'] };

/** Makes two hosts with a wire between them for a test file, and removes them behind it. */
export function makeNetwork(): Network {
  if (process.getuid?.() !== 0) return NO_NETWORK;
  const network = createNetwork();
  afterAll(() => network.remove());
  return network;
}
