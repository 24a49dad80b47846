import { expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork, type Network } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, run, start } from '../support/run.js';

const { server, client } = ADDRESS;
const COMMAND =
  './alfwrapper --set ports,0,15000 --set ports,1,15001 --set ports,2,15002 ebpf/knocking.c scripts/echod.sh';

/** Knocks from the given source ports in order and then tries to be served. */
async function knock(network: Network, protocol: 'tcp' | 'udp', to: string, ports: readonly number[]) {
  for (const fromPort of ports) {
    const attempted = await attempt(network.client, {
      protocol: protocol === 'tcp' ? 'knock' : 'udp',
      fromPort,
      to,
      timeoutMs: 60,
    });
    expect(attempted).toBe('timeout');
  }
  return attempt(network.client, { protocol, to });
}

describeWith(['root', 'bpf', 'netns'], 'ebpf/knocking.c', () => {
  const network = makeNetwork();

  it.each([
    ['IPv4', server.private4],
    ['IPv6', server.private6],
  ])('runs as written in the README and opens for an %s address that knocks in order', async (_, to) => {
    const daemon = start([...network.server, ...COMMAND.split(' ')]);
    await daemon.until(/Listening on \[::\]:4242 as 3\./);

    expect(await attempt(network.client, { to })).toBe('timeout');
    expect(await knock(network, 'tcp', to, [15000, 15001, 15002])).toBe('echo');
    expect(await attempt(network.server, { to: '::1' })).toBe('timeout');
  });

  it.each([
    ['the wrong order', [15001, 15000, 15002]],
    ['a wrong knock in between', [15000, 15001, 16000, 15002]],
    ['a wrong knock at the end', [15000, 15001, 16000]],
    ['a knock left out', [15000, 15002]],
    ['too few knocks', [15000, 15001]],
  ])('stays closed after %s', async (_, ports) => {
    const daemon = start([...network.server, ...COMMAND.split(' ')]);
    await daemon.until(/Listening on/);

    expect(await knock(network, 'tcp', server.private4, ports)).toBe('timeout');
  });

  it('takes a wrong knock that is the first of the sequence as a new start', async () => {
    const daemon = start([...network.server, ...COMMAND.split(' ')]);
    await daemon.until(/Listening on/);

    expect(await knock(network, 'tcp', server.private4, [15000, 15001, 15000, 15001, 15002])).toBe('echo');
  });

  it('does not mind that a knock is repeated, as a kernel does with an unanswered SYN', async () => {
    const daemon = start([...network.server, ...COMMAND.split(' ')]);
    await daemon.until(/Listening on/);

    expect(await knock(network, 'tcp', server.private4, [15000, 15000, 15001, 15001, 15001, 15002])).toBe(
      'echo',
    );
  });

  it('opens for nobody but the address that knocked', async () => {
    const daemon = start([...network.server, ...COMMAND.split(' ')]);
    await daemon.until(/Listening on/);

    expect(await knock(network, 'tcp', server.private4, [15000, 15001, 15002])).toBe('echo');
    expect(await attempt(network.client, { from: client.public4, to: server.private4 })).toBe('timeout');
    expect(await attempt(network.client, { from: client.private6, to: server.private6 })).toBe('timeout');
  });

  it.each([server.private4, server.private6])('works over UDP to %s', async (to) => {
    const ports = [15000, 15001, 15002].flatMap((port, i) => ['--set', `ports,${i},${port}`]);
    const daemon = start([
      ...network.server,
      ...['./alfwrapper', '--type', 'SOCK_DGRAM', ...ports, 'knocking', fixture('echo')],
    ]);
    await daemon.until(/ready/);

    expect(await attempt(network.client, { protocol: 'udp', to })).toBe('timeout');
    expect(await knock(network, 'udp', to, [15000, 15001, 15002])).toBe('echo');
  });

  it('lets nobody in without a sequence', async () => {
    const daemon = start([...network.server, './alfwrapper', 'ebpf/knocking.c', fixture('echo')]);
    await daemon.until(/ready/);

    expect(await knock(network, 'tcp', server.private4, [15000, 0])).toBe('timeout');
  });

  it('is what the example server and client talk', async () => {
    const daemon = start([...network.server, 'examples/port-knocking-server.sh']);
    await daemon.until(/Listening on \[::\]:4242 as 3\./);

    const knocker = await run([...network.client, 'examples/port-knocking-client.sh', server.private6]);
    expect(knocker.stdout).toContain('alfwrapper says hello');
  }, 180_000);
});
