import { expect } from 'vitest';
import { type Attempt, attempt } from './client.js';
import type { Network } from './network.js';

/** An attempt from one of the two hosts of a network. */
export interface Visit extends Attempt {
  readonly at: 'server' | 'client';
}

/** Long enough for the busiest machine: what is served does not wait for it. */
const SERVED_MS = 5000;

/** A denied attempt takes this long; one that is served by mistake answers much sooner. */
const DENIED_MS = 300;

/** From the other host, over the wire. */
export function remote(from: string, to: string, more: Partial<Attempt> = {}): Visit {
  return { at: 'client', from, to, ...more };
}

/** From the server itself, over its loopback interface. */
export function local(from: string, to: string, more: Partial<Attempt> = {}): Visit {
  return { at: 'server', from, to, ...more };
}

/** Makes all attempts at once and expects that exactly the first list is served; the others hear nothing. */
export async function expectServed(
  network: Network,
  served: readonly Visit[],
  denied: readonly Visit[],
  common: Partial<Attempt> = {},
): Promise<void> {
  const tryAll = (visits: readonly Visit[], timeoutMs: number) =>
    Promise.all(
      visits.map(async ({ at, ...what }) => {
        const came = await attempt(network[at], { timeoutMs, ...common, ...what });
        return `${at} ${what.from} → ${what.to}${what.port === undefined ? '' : ` port ${what.port}`}: ${came}`;
      }),
    );
  const expected = (visits: readonly Visit[], came: string) =>
    visits.map(
      ({ at, from, to, port }) =>
        `${at} ${from} → ${to}${port === undefined ? '' : ` port ${port}`}: ${came}`,
    );
  const [echoes, silences] = await Promise.all([tryAll(served, SERVED_MS), tryAll(denied, DENIED_MS)]);
  const answered = common.exchange === undefined ? 'echo' : 'answer';
  expect([...echoes, ...silences]).toEqual([...expected(served, answered), ...expected(denied, 'timeout')]);
}
