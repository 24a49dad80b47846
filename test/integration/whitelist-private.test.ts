import { expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, start } from '../support/run.js';

describeWith(['root', 'bpf', 'netns'], 'ebpf/whitelist-private.c', () => {
  const network = makeNetwork();
  const { server, client } = ADDRESS;

  it('runs as written in the README and serves loopback and private addresses only', async () => {
    const daemon = start([
      ...network.server,
      ...'./alfwrapper --address :: --port 4242 ebpf/whitelist-private.c scripts/echod.sh'.split(' '),
    ]);
    await daemon.until(
      /Received 1 descriptors via the environment\.\n(.*\n)*Listening on \[::\]:4242 as 3\./,
    );

    expect(await attempt(network.server, { to: '127.0.0.1' })).toBe('echo');
    expect(await attempt(network.server, { to: '::1' })).toBe('echo');
    expect(await attempt(network.client, { from: client.private4, to: server.private4 })).toBe('echo');
    expect(await attempt(network.client, { from: client.private6, to: server.private6 })).toBe('echo');
    const [near, far] = [`${client.linkLocal}%wire`, `${server.linkLocal}%wire`];
    expect(await attempt(network.client, { from: near, to: far })).toBe('echo');
    expect(await attempt(network.client, { from: client.public4, to: server.public4 })).toBe('timeout');
    expect(await attempt(network.client, { from: client.public6, to: server.public6 })).toBe('timeout');
    expect(daemon.stdout()).toBe('');
  });

  it('serves the same peers over UDP', async () => {
    const daemon = start([
      ...network.server,
      ...'./alfwrapper --type SOCK_DGRAM ebpf/whitelist-private.c'.split(' '),
      fixture('echo'),
    ]);
    await daemon.until(/ready/);
    const udp = { protocol: 'udp' } as const;

    expect(await attempt(network.server, { ...udp, to: '127.0.0.1' })).toBe('echo');
    expect(await attempt(network.server, { ...udp, to: '::1' })).toBe('echo');
    expect(await attempt(network.client, { ...udp, from: client.private4, to: server.private4 })).toBe(
      'echo',
    );
    expect(await attempt(network.client, { ...udp, from: client.private6, to: server.private6 })).toBe(
      'echo',
    );
    expect(await attempt(network.client, { ...udp, from: client.public4, to: server.public4 })).toBe(
      'timeout',
    );
    expect(await attempt(network.client, { ...udp, from: client.public6, to: server.public6 })).toBe(
      'timeout',
    );
  });

  it.each([
    ['0.0.0.0', ADDRESS.server.private4, ADDRESS.client.private4, ADDRESS.client.public4],
    ['10.7.0.1', ADDRESS.server.private4, ADDRESS.client.private4, ADDRESS.client.public4],
    ['fd07::1', ADDRESS.server.private6, ADDRESS.client.private6, ADDRESS.client.public6],
  ])('filters on a listener bound to %s', async (address, to, allowed, denied) => {
    const daemon = start([
      ...network.server,
      ...['./alfwrapper', '--address', address, '--port', '4343', 'whitelist-private', fixture('echo')],
    ]);
    await daemon.until(/ready/);

    expect(await attempt(network.client, { from: allowed, to, port: 4343 })).toBe('echo');
    expect(await attempt(network.client, { from: denied, to, port: 4343 })).toBe('timeout');
  });
});

describeWith(['root', 'bpf', 'netns'], 'the edges of whitelist-private', () => {
  const network = makeNetwork();

  // One address on each side of every edge, as a source on the client's wire; the filter sees nothing but the source.
  const ALLOWED = [
    '10.0.0.0',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.0.1',
    '192.168.255.254',
    '169.254.0.1',
    '169.254.255.254',
    'fc00::1',
    'fdff:ffff::1',
  ];
  const DENIED = [
    '9.255.255.255',
    '11.0.0.0',
    '172.15.255.254',
    '172.32.0.1',
    '192.167.255.254',
    '192.169.0.1',
    '169.253.255.254',
    '169.255.0.1',
    'fbff::1',
    'fe00::1',
    'fec0::1',
    '::2',
  ];

  it('are where RFC 1918, RFC 3927, RFC 4193 and RFC 4291 put them', async () => {
    const daemon = start([...network.server, './alfwrapper', 'whitelist-private', fixture('echo')]);
    await daemon.until(/ready/);

    const results = await Promise.all([...ALLOWED, ...DENIED].map((from) => attemptFrom(network, from)));
    expect(results).toEqual([...ALLOWED.map(() => 'echo'), ...DENIED.map(() => 'timeout')]);
  });
});

/** Gives the client an address, the server a way back to it, and tries. */
async function attemptFrom(network: ReturnType<typeof makeNetwork>, from: string): Promise<string> {
  const v6 = from.includes(':');
  const length = v6 ? 128 : 32;
  const [gateway, to] = v6
    ? [ADDRESS.client.private6, ADDRESS.server.private6]
    : [ADDRESS.client.private4, ADDRESS.server.private4];
  const address = ['ip', 'address', 'add', `${from}/${length}`, 'dev', 'wire', ...(v6 ? ['nodad'] : [])];
  const route = ['ip', 'route', 'add', `${from}/${length}`, 'via', gateway, 'dev', 'wire'];
  await Promise.all([
    start([...network.client, ...address]).ended(),
    start([...network.server, ...route]).ended(),
  ]);
  return attempt(network.client, { from, to });
}
