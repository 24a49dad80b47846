import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOps } from '../../src/kernel/index.js';
import { encodePlan } from '../../src/launch/index.js';
import { parseListenSpec } from '../../src/net/index.js';
import { makePlan } from '../../src/plan/index.js';
import { parsePolicy, resolvePolicy } from '../../src/policy/index.js';
import { attempt } from '../support/client.js';
import { fixture, start } from '../support/run.js';
import { fixedPort, probe } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';
import { makeDirectory } from '../unit/support/directory.js';
import { capabilitiesOf, configOf, filterOf } from '../unit/support/plans.js';

const NOTHING_OUTSIDE = { files: new Map(), interfaces: new Map(), hosts: new Map() };
const RULES = parsePolicy('allow from 127.0.0.1,::1\n', 'rules');

/** A file with the encoded plan of one listener of tier steer. */
function planFile(spec: string): string {
  const { constants } = loadOps(process.cwd(), process.dlopen).core;
  const { policy } = resolvePolicy(RULES, NOTHING_OUTSIDE);
  const config = configOf({ listeners: [parseListenSpec(spec)], tier: 'steer' });
  const plan = makePlan(config, { ...filterOf(), policy }, capabilitiesOf());
  const file = join(makeDirectory(), 'plan');
  const context = { constants, changes: [], companion: '/companion' };
  writeFileSync(file, encodePlan(plan, context));
  chmodSync(join(file, '..'), 0o755);
  return file;
}

/** Has another process bind a socket, and steers it. */
async function steerBound(spec: string, ...options: string[]): Promise<void> {
  const program = [...AS_NOBODY, fixture('steer-bound')];
  const command = start(['sh', '-c', 'exec "$@" <"$0"', planFile(spec), ...program, ...options]);
  const [, result] = await command.until(/^(ready|failed .*)$/m);
  expect(result).toBe('ready');
}

describe('a socket that another program has bound', () => {
  it.each([
    ['tcp:127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2'],
    ['tcp:0.0.0.0', '127.0.0.1', '127.0.0.1', '127.0.0.2'],
    // Dual-stack: an IPv4 client.
    ['tcp:[::]', '127.0.0.1', '127.0.0.1', '127.0.0.2'],
  ])('is steered: %s', async (address, to, allowed, denied) => {
    const port = fixedPort();
    await steerBound(`${address}:${port}`);
    // More than once: a group without its program spreads connections over its members.
    for (const _ of [1, 2, 3, 4]) expect(await attempt([], { from: allowed, to, port })).toBe('echo');
    for (const hops of [64, 255]) {
      const seen = await probe({ from: denied, to, port, durationMs: 200, hops });
      expect(seen.attempts).toBeGreaterThan(100);
      expect(seen).toMatchObject({ connected: 0, refused: 0, served: 0 });
    }
  });

  it('is steered beside one with the same port of the other family', async () => {
    const port = fixedPort();
    await steerBound(`tcp:0.0.0.0:${port}`);
    await steerBound(`tcp:[::]:${port}`, 'v6only');
    for (const to of ['127.0.0.1', '::1']) expect(await attempt([], { from: to, to, port }), to).toBe('echo');
    expect(await attempt([], { from: '127.0.0.2', to: '127.0.0.1', port })).toBe('timeout');
  });
});
