import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { fixture, run } from '../support/run.js';
import { serve } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';

const SYNS = 30_000;
const CONNECTIONS = 300;
/** The kernel sends nothing from 127.0.0.1 to a wire. */
const SERVER = '198.51.100.1';

describeWith(['root', 'netns'], 'steering under a SYN flood', () => {
  const name = `alf-f-${process.pid}`;
  const where = ['ip', 'netns', 'exec', name];
  const ip = (...args: string[]) => execFileSync('ip', args);
  beforeAll(() => {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'address', 'add', `${SERVER}/32`, 'dev', 'lo');
    // Answers to forged addresses leave here and reach nobody.
    ip('-n', name, 'link', 'add', 'nowhere', 'type', 'veth', 'peer', 'name', 'nobody');
    for (const end of ['nowhere', 'nobody']) ip('-n', name, 'link', 'set', end, 'arp', 'off', 'up');
    ip('-n', name, 'route', 'add', '10.0.0.0/8', 'dev', 'nowhere');
  });
  afterAll(() => void ip('netns', 'delete', name));

  it.each([
    ['with cookies when the queue is full', 1, '10.1.0.0'],
    ['with cookies for everybody', 2, '10.1.0.0'],
    ['from denied addresses', 1, '10.2.0.0'],
    ['from denied addresses, cookies for everybody', 2, '10.2.0.0'],
  ])('serves the allowed and nobody else, %s', async (_, cookies, forged) => {
    execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', `net.ipv4.tcp_syncookies=${cookies}`]);
    const { port } = await serve({
      as: [...where, ...AS_NOBODY],
      allowed: ['127.0.0.1', '10.1.0.0/16'],
      listeners: ['tcp,0.0.0.0,0'],
      target: [fixture('echo')],
    });
    const before = await cookieCounters();
    const flood = (network: string) =>
      run([...where, fixture('steer-flood'), SERVER, String(port), network, String(SYNS)]);
    const load = ['127.0.0.1', '127.0.0.2', SERVER, String(port), String(CONNECTIONS)];
    await flood(forged);
    const [sent, served] = await Promise.all([
      flood(forged),
      run([...where, fixture('steer-load'), ...load]),
    ]);
    const after = await cookieCounters();
    const counted = Object.fromEntries(
      Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)]),
    );
    console.log(
      `flood from ${forged}, tcp_syncookies=${cookies}: ${JSON.stringify(counted)}, ${served.stdout.trim()}`,
    );
    expect(Number(sent.stdout)).toBe(SYNS);
    expect(JSON.parse(served.stdout)).toEqual({
      allowed: { attempts: CONNECTIONS, served: CONNECTIONS },
      denied: { attempts: CONNECTIONS, connected: 0 },
    });
    if (forged === '10.1.0.0') expect(counted['SyncookiesSent']).toBeGreaterThan(SYNS / 2);
    if (cookies === 2) expect(counted['SyncookiesRecv']).toBeGreaterThanOrEqual(CONNECTIONS);
  });

  async function cookieCounters(): Promise<Record<string, number>> {
    const { stdout } = await run([...where, 'cat', '/proc/net/netstat']);
    const [names = [], values = []] = stdout
      .split('\n')
      .filter((line) => line.startsWith('TcpExt:'))
      .map((line) => line.split(' '));
    const wanted = ['SyncookiesSent', 'SyncookiesRecv', 'ListenDrops', 'TCPMinTTLDrop'];
    return Object.fromEntries(wanted.map((key) => [key, Number(values[names.indexOf(key)])]));
  }
});
