import { describe, expect, inject, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, run, start } from '../support/run.js';
import { drive, fixedPort, probe, serve } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';

const ECHO = [fixture('echo')];
const NO_MD5 = `${inject('installed')}/fixtures/no-md5.so`;

describe('steer, as a user without any capability', () => {
  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
    ['127.9.9.9', '127.9.9.9'],
    ['::', '127.0.0.1'],
  ])('serves an allowed IPv4 client and nobody else on %s', async (address, to) => {
    const { port } = await serve({ listeners: [`tcp,${address},0`], target: ECHO });
    for (const _ of [1, 2, 3, 4]) expect(await attempt([], { from: '127.0.0.1', to, port })).toBe('echo');
    for (const from of ['127.0.0.2', '127.0.0.3', '127.7.0.1']) {
      expect(await attempt([], { from, to, port })).toBe('timeout');
    }
  });

  it.each(['::', '::1'])('serves an allowed IPv6 client on %s', async (address) => {
    const { port } = await serve({ listeners: [`tcp,${address},0`], target: ECHO });
    for (const _ of [1, 2, 3, 4]) expect(await attempt([], { from: '::1', to: '::1', port })).toBe('echo');
  });

  it('serves nobody on IPv6 if only IPv4 is allowed', async () => {
    const { port } = await serve({ allowed: ['127.0.0.1'], listeners: ['tcp,::,0'], target: ECHO });
    expect(await attempt([], { to: '::1', port })).toBe('timeout');
    expect(await attempt([], { from: '127.0.0.1', to: '127.0.0.1', port })).toBe('echo');
  });

  it('opens several listeners with one companion', async () => {
    const listeners = ['tcp,127.0.0.1,0', 'tcp,::1,0', 'udp,127.0.0.1,0'];
    const served = await serve({ tier: 'auto', listeners, target: ECHO });
    const ports = [...served.stderr().matchAll(/:(\d+)\): tier (\w+)/g)].map(([, port, tier]) => ({
      port: Number(port),
      tier,
    }));
    expect(ports.map(({ tier }) => tier)).toEqual(['steer', 'steer', 'classic']);
    const [first, second, third] = ports.map(({ port }) => port);
    const [four, six] = ['127.0.0.1', '::1'];
    expect(await attempt([], { from: four, to: four, port: first ?? 0 })).toBe('echo');
    expect(await attempt([], { from: '127.0.0.2', to: four, port: first ?? 0 })).toBe('timeout');
    expect(await attempt([], { from: six, to: six, port: second ?? 0 })).toBe('echo');
    expect(await attempt([], { protocol: 'udp', from: four, to: four, port: third ?? 0 })).toBe('echo');
    expect(await attempt([], { protocol: 'udp', from: '127.0.0.2', to: four, port: third ?? 0 })).toBe(
      'timeout',
    );
    expect(served.stderr().match(/companion is process/g)).toHaveLength(1);
  });

  it('gives the target its listener and no other descriptor', async () => {
    const list = ['sh', '-c', 'ls /proc/self/fd | sort -n'];
    const direct = await run([...AS_NOBODY, ...list], { cwd: '/' });
    const { stdout } = await run(drive({ target: list }), { cwd: '/' });
    // The last one of both is the directory that is listed.
    const expected = direct.stdout.replace(/^3$/m, '3\n4');
    expect(stdout).toBe(expected);
  });

  it('restarts at once on the same port, connections in TIME_WAIT or not', async () => {
    const port = fixedPort();
    const first = await serve({ listeners: [`tcp,127.0.0.1,${port}`], target: ECHO });
    expect(await attempt([], { from: '127.0.0.1', to: '127.0.0.1', port })).toBe('echo');
    await first.kill('SIGKILL');
    const second = await serve({ listeners: [`tcp,127.0.0.1,${port}`], target: ECHO });
    expect(second.companion).toBeGreaterThan(0);
    expect(await attempt([], { from: '127.0.0.1', to: '127.0.0.1', port })).toBe('echo');
    expect(await attempt([], { from: '127.0.0.2', to: '127.0.0.1', port })).toBe('timeout');
  });

  it('refuses an address that a reuseport group already has, even of the same user', async () => {
    const { port } = await serve({ target: ECHO });
    const other = await run(drive({ listeners: [`tcp,127.0.0.1,${port}`], target: ECHO }), {
      cwd: '/',
    });
    expect(other.status).toBe(125);
    expect(other.stderr).toMatch(
      /^alfwrapper: unable to bind tcp 127\.0\.0\.1:\d+: address already in use \(EADDRINUSE\)$/m,
    );
    expect(await attempt([], { from: '127.0.0.1', to: '127.0.0.1', port })).toBe('echo');
    expect(await attempt([], { from: '127.0.0.2', to: '127.0.0.1', port })).toBe('timeout');
  });

  it('lets one of many that start at the same moment have the address', async () => {
    const port = fixedPort();
    const launch = { listeners: [`tcp,127.0.0.1,${port}`], target: ECHO };
    const launches = Array.from({ length: 6 }, () => start(drive(launch), { cwd: '/' }));
    const failed: unknown[] = [];
    const served = await new Promise((resolve) => {
      for (const one of launches) {
        one.until(/^ready$/m).then(resolve, () => undefined);
        void one.ended().then(({ status }) => failed.push(status) === launches.length && resolve(undefined));
      }
    });
    expect(served).toBeDefined();
    await expect.poll(() => failed, { timeout: 20_000 }).toEqual([125, 125, 125, 125, 125]);
  });
});

describeWith(['root', 'netns'], 'steer between two hosts', () => {
  const { server, client } = makeNetwork();
  const allowed = [ADDRESS.client.private4, ADDRESS.client.private6, ADDRESS.client.linkLocal];

  it('tells addresses apart on a wire, in both families', async () => {
    const { port } = await serve({
      as: [...server, ...AS_NOBODY],
      allowed,
      listeners: ['tcp,::,0'],
      target: ECHO,
    });
    const { private4, public4, private6, public6 } = ADDRESS.client;
    expect(await attempt(client, { from: private4, to: ADDRESS.server.private4, port })).toBe('echo');
    expect(await attempt(client, { from: private6, to: ADDRESS.server.private6, port })).toBe('echo');
    expect(await attempt(client, { from: public4, to: ADDRESS.server.public4, port })).toBe('timeout');
    expect(await attempt(client, { from: public6, to: ADDRESS.server.public6, port })).toBe('timeout');
  });

  it('works on one interface address, link-local included', async () => {
    for (const [address, to, from] of [
      [ADDRESS.server.private4, ADDRESS.server.private4, ADDRESS.client.private4],
      [
        `${ADDRESS.server.linkLocal}%wire`,
        `${ADDRESS.server.linkLocal}%wire`,
        `${ADDRESS.client.linkLocal}%wire`,
      ],
    ] as const) {
      const listeners = [`tcp,${address},0`];
      const { port } = await serve({ as: [...server, ...AS_NOBODY], allowed, listeners, target: ECHO });
      expect(await attempt(client, { from, to, port })).toBe('echo');
    }
  });

  it.each([
    ['stay out: signatures', [], 0],
    ['are reset by the companion on a kernel without signatures', ['env', `LD_PRELOAD=${NO_MD5}`], 1],
  ])(
    'loopback is down and the sink cannot be filled; those who get past its first door %s',
    async (_, environment, least) => {
      await run([...server, 'ip', 'link', 'set', 'lo', 'down']);
      const { port } = await serve({
        as: [...server, ...AS_NOBODY, ...environment],
        allowed,
        listeners: ['tcp,::,0'],
        target: ECHO,
      });
      await run([...server, 'ip', 'link', 'set', 'lo', 'up']);
      const { private4, public4 } = ADDRESS.client;
      expect(await attempt(client, { from: private4, to: ADDRESS.server.private4, port })).toBe('echo');
      expect(await attempt(client, { from: public4, to: ADDRESS.server.public4, port })).toBe('timeout');
      const pushy = {
        from: public4,
        to: ADDRESS.server.public4,
        port,
        durationMs: 300,
        hops: 255,
        where: client,
      };
      const seen = await probe(pushy);
      expect(seen.served).toBe(0);
      expect(Math.min(seen.connected, 1)).toBe(least);
      expect(await attempt(client, { from: private4, to: ADDRESS.server.private4, port })).toBe('echo');
    },
  );
});
