import { afterAll } from 'vitest';
import { createNetwork, type Network } from './hosts.js';

export { ADDRESS, type Network } from './hosts.js';

/** Makes two hosts with a wire between them for a test file, and removes them behind it. */
export function makeNetwork(): Network {
  const network = createNetwork();
  afterAll(() => network.remove());
  return network;
}
