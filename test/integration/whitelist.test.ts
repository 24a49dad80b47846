import { expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, run, start } from '../support/run.js';

const { server, client } = ADDRESS;

describeWith(['root', 'bpf', 'netns'], 'ebpf/whitelist.c', () => {
  const network = makeNetwork();

  it('runs as written in the README and serves the prefixes it was given only', async () => {
    const daemon = start(
      [
        ...network.server,
        './alfwrapper --address :: --port 4242 --set allow4,uint32_t:0,subnet4:127.0.0.1/24',
        '--set allow6,uint32_t:0,subnet6:::1/128 ebpf/whitelist.c scripts/echod.sh',
      ].flatMap((words) => words.split(' ')),
    );
    await daemon.until(
      /Received 1 descriptors via the environment\.\n(.*\n)*Listening on \[::\]:4242 as 3\./,
    );

    expect(daemon.stderr()).toContain(
      'alfwrapper: warning: 127.0.0.1/24 has host bits set, taken as 127.0.0.0/24\n',
    );
    expect(await attempt(network.server, { from: '127.0.0.9', to: '127.0.0.1' })).toBe('echo');
    expect(await attempt(network.server, { to: '::1' })).toBe('echo');
    expect(await attempt(network.server, { from: '127.0.1.1', to: '127.0.0.1' })).toBe('timeout');
    expect(await attempt(network.client, { from: client.private4, to: server.private4 })).toBe('timeout');
    expect(await attempt(network.client, { from: client.private6, to: server.private6 })).toBe('timeout');
  });

  it.each([
    ['tcp', 'SOCK_STREAM'],
    ['udp', 'SOCK_DGRAM'],
  ] as const)('filters %s peers on the wire by both families', async (protocol, type) => {
    const daemon = start([
      ...network.server,
      ...[
        './alfwrapper',
        '--type',
        type,
        '--set',
        'allow4,0,203.0.113.0/29',
        '--set',
        'allow6,0,2001:db8::/64',
      ],
      ...['--set', 'allow6,1,::1/128', 'whitelist', fixture('echo')],
    ]);
    await daemon.until(/ready/);

    expect(await attempt(network.client, { protocol, from: client.public4, to: server.public4 })).toBe(
      'echo',
    );
    expect(await attempt(network.client, { protocol, from: client.public6, to: server.public6 })).toBe(
      'echo',
    );
    expect(await attempt(network.server, { protocol, to: '::1' })).toBe('echo');
    expect(await attempt(network.server, { protocol, to: '127.0.0.1' })).toBe('timeout');
    expect(await attempt(network.client, { protocol, from: client.private4, to: server.private4 })).toBe(
      'timeout',
    );
    expect(await attempt(network.client, { protocol, from: client.private6, to: server.private6 })).toBe(
      'timeout',
    );
  });

  it('allows nobody while its maps are empty', async () => {
    const daemon = start([...network.server, './alfwrapper', 'whitelist', fixture('echo')]);
    await daemon.until(/ready/);

    expect(await attempt(network.server, { to: '127.0.0.1' })).toBe('timeout');
    expect(await attempt(network.server, { to: '::1' })).toBe('timeout');
  });

  it('lets the last setting of a slot win', async () => {
    const daemon = start([
      ...network.server,
      ...['./alfwrapper', '--set', 'allow4,0,127.0.0.0/8', '--set', 'allow4,00,10.7.0.0/24', 'whitelist'],
      fixture('echo'),
    ]);
    await daemon.until(/ready/);

    expect(await attempt(network.server, { to: '127.0.0.1' })).toBe('timeout');
    expect(await attempt(network.client, { from: client.private4, to: server.private4 })).toBe('echo');
  });
});

describeWith(['root', 'bpf', 'netns'], 'ebpf/subnets.c', () => {
  const network = makeNetwork();

  it('runs as written in the README', async () => {
    const command = './alfwrapper --set allow6,0,::1/128 ebpf/subnets.c true'.split(' ');
    expect(await run([...network.server, ...command])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['tcp', 'SOCK_STREAM'],
    ['udp', 'SOCK_DGRAM'],
  ] as const)('serves the %s peers of its prefixes only', async (protocol, type) => {
    const daemon = start([
      ...network.server,
      ...['./alfwrapper', '--type', type, '--set', 'allow6,0,::1/128', 'ebpf/subnets.c', fixture('echo')],
    ]);
    await daemon.until(/ready/);

    expect(await attempt(network.server, { protocol, to: '::1' })).toBe('echo');
    expect(await attempt(network.server, { protocol, to: '127.0.0.1' })).toBe('timeout');
    expect(await attempt(network.client, { protocol, from: client.private6, to: server.private6 })).toBe(
      'timeout',
    );
  });
});

describeWith(['root', 'bpf', 'netns'], 'ebpf/interfaces.c', () => {
  const network = makeNetwork();

  it('runs as written in the README', async () => {
    const command = './alfwrapper --set interfaces,0,lo ebpf/interfaces.c true'.split(' ');
    expect(await run([...network.server, ...command])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['tcp', 'SOCK_STREAM'],
    ['udp', 'SOCK_DGRAM'],
  ] as const)('serves the %s peers that come in on its interfaces only', async (protocol, type) => {
    const daemon = start([
      ...network.server,
      ...['./alfwrapper', '--type', type, '--set', 'interfaces,0,lo', 'ebpf/interfaces.c', fixture('echo')],
    ]);
    await daemon.until(/ready/);

    expect(await attempt(network.server, { protocol, to: '127.0.0.1' })).toBe('echo');
    expect(await attempt(network.server, { protocol, to: '::1' })).toBe('echo');
    expect(await attempt(network.client, { protocol, from: client.private4, to: server.private4 })).toBe(
      'timeout',
    );
    expect(await attempt(network.client, { protocol, from: client.private6, to: server.private6 })).toBe(
      'timeout',
    );
  });
});
