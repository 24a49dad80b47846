import { describe, expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { fixture, run, start } from '../support/run.js';
import { drive, fixedPort, MISTAKES, probe, type Served, serve } from '../support/steer.js';

const ECHO = fixture('echo');
const TO = '127.0.0.1';
const ALLOWED = '127.0.0.1';
const DENIED = '127.0.0.2';

/** A daemon that does something to its listener before it serves. */
function behaving(actions: readonly string[], lock = true, address = TO): Promise<Served> {
  return serve({
    lock,
    listeners: [`tcp,${address},0`],
    target: [fixture('steer-target'), ...actions, '--', ECHO],
  });
}

async function expectSteering(port: number): Promise<void> {
  // More than once: a group without its program spreads connections over its members.
  for (const _ of [1, 2, 3, 4]) expect(await attempt([], { from: ALLOWED, to: TO, port })).toBe('echo');
  for (const hops of [64, 255]) {
    const seen = await probe({ from: DENIED, to: TO, port, durationMs: 200, hops });
    expect(seen.attempts).toBeGreaterThan(100);
    expect(seen).toMatchObject({ connected: 0, refused: 0, served: 0 });
  }
}

describe('steering holds against its own target', () => {
  it.each(['close-others', 'relisten', 'shutdown-relisten', 'disconnect-relisten'])(
    'that does: %s',
    async (action) => {
      const { port, stdout } = await behaving([action]);
      expect(stdout()).toContain(`${action} succeeded`);
      await expectSteering(port);
    },
  );

  it.each([
    ...MISTAKES,
    'detach-high-bits',
    'io-uring',
    ...(process.arch === 'x64' ? ['detach-32', 'socketcall-32', 'io-uring-32', 'detach-x32'] : []),
  ])('that tries: %s', async (action) => {
    const { port, stdout } = await behaving([action, 'close-others']);
    expect(stdout()).toContain(`${action} EPERM`);
    await expectSteering(port);
  });

  it('that tries to join the group or to take the address with a socket of its own', async () => {
    const { port, stdout } = await behaving(['join'], true, '0.0.0.0');
    expect(stdout()).toContain('join EADDRINUSE');
    await expectSteering(port);
  });

  it('only because of lock and guard: with --no-lock it can be taken off', async () => {
    const { port, stdout } = await behaving(['detach'], false);
    expect(stdout()).toContain('detach succeeded');
    const seen = await probe({ from: DENIED, to: TO, port, durationMs: 300 });
    expect(seen.connected).toBeGreaterThan(0);
  });
});

describe('steering holds against the network', () => {
  it('10,000 denied attempts during 10,000 allowed connections', async () => {
    const { port, stdout } = await behaving(['close-others']);
    const load = await run([fixture('steer-load'), ALLOWED, DENIED, TO, String(port), '10000']);
    console.log(`steer-load: ${load.stdout.trim()}`);
    expect(JSON.parse(load.stdout)).toEqual({
      allowed: { attempts: 10000, served: 10000 },
      denied: { attempts: 10000, connected: 0 },
    });
    expect(stdout()).toContain('ready');
  });

  it.each([64, 255])('a denied prober with %i hops in a tight loop, over ten starts', async (hops) => {
    const port = fixedPort();
    const probing = probe({ from: DENIED, to: TO, port, durationMs: 6000, hops });
    const served: string[] = [];
    for (let round = 0; round < 10; round++) {
      const daemon = start(drive({ listeners: [`tcp,${TO},${port}`], target: [ECHO] }), { cwd: '/' });
      await daemon.until(/^ready$/m);
      served.push(await attempt([], { from: ALLOWED, to: TO, port }));
      await daemon.kill('SIGKILL');
    }
    const seen = await probing;
    console.log(`tight loop, ${hops} hops: ${JSON.stringify(seen)}`);
    expect(served).toEqual(new Array(10).fill('echo'));
    // Refused between two daemons, so it was there all the time.
    expect(seen.refused).toBeGreaterThan(10);
    expect(seen.served).toBe(0);
    expect(seen.connected).toBe(0);
  });
});
