import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';

const { server, client } = ADDRESS;

describeWith(['root', 'bpf', 'netns', 'bcc', 'bpftool'], 'examples/', () => {
  const network = makeNetwork();

  async function serve(...words: string[]) {
    const daemon = start([...network.server, './alfwrapper', ...words, fixture('echo')], {
      cwd: installed(''),
    });
    await daemon.until(/^ready$/m);
    return daemon;
  }

  it('are short', () => {
    const sources = readdirSync('examples').filter((name) => name.endsWith('.c'));
    expect(sources.sort()).toEqual(['count-sources.c', 'first-bytes.c', 'knocking-bcc.c', 'knocking.c']);
    for (const name of sources) {
      const lines = readFileSync(`examples/${name}`, 'utf8').split('\n').length - 1;
      expect({ name, short: lines <= 80 }).toEqual({ name, short: true });
    }
  });

  it.each(['knocking.c', 'knocking-bcc.c'])(
    '%s opens for who knocks in order, and for nobody else',
    async (name) => {
      const ports = [15000, 15001, 15002].flatMap((port, i) => ['--set', `ports,${i},${port}`]);
      await serve(...ports, `examples/${name}`);
      const knock = (fromPort: number, to: string) =>
        attempt(network.client, { protocol: 'knock', fromPort, to, timeoutMs: 60 });
      for (const [to, other] of [
        [server.private4, server.public4],
        [server.private6, server.public6],
      ] as const) {
        for (const port of [15001, 15000, 15002]) expect(await knock(port, to)).toBe('timeout');
        expect(await attempt(network.client, { to, timeoutMs: 300 })).toBe('timeout');
        for (const port of [15000, 15001, 15002]) expect(await knock(port, to)).toBe('timeout');
        expect(await attempt(network.client, { to, timeoutMs: 5000 })).toBe('echo');
        const from = to === server.private4 ? client.public4 : client.public6;
        expect(await attempt(network.client, { from, to: other, timeoutMs: 300 })).toBe('timeout');
      }
    },
  );

  it('count-sources.c counts who sends what', async () => {
    await serve('--listen', 'udp:4242', 'examples/count-sources.c');
    for (const from of [client.private4, client.private4, client.private6, client.private4]) {
      const to = from === client.private6 ? server.private6 : server.private4;
      expect(await attempt(network.client, { protocol: 'udp', from, to, timeoutMs: 5000 })).toBe('echo');
    }
    const { stdout } = await run(['bpftool', '--json', 'map', 'dump', 'name', 'packets']);
    const dumped = JSON.parse(stdout) as {
      formatted: { key: { bytes: number[] }; value: { packets: number; bytes: number } };
    }[];
    const counted = dumped.map(({ formatted: { key, value } }) => [
      key.bytes.slice(12).join('.'),
      value.packets,
      value.bytes > 8 * value.packets,
    ]);
    expect(counted).toHaveLength(2);
    expect(counted).toContainEqual([client.private4, 3, true]);
  });

  it('first-bytes.c lets a connection speak that begins well, and no other', async () => {
    await serve('--set', 'first_bytes,0,"GET "', '--set', 'first_bytes,1,HEAD', 'examples/first-bytes.c');
    const say = (text: string, timeoutMs: number) =>
      attempt(network.client, { to: server.private4, timeoutMs, exchange: { request: text, part: text } });
    expect(await say('GET / HTTP/1.1\r\n', 5000)).toBe('answer');
    expect(await say('HEAD / HTTP/1.1\r\n', 5000)).toBe('answer');
    expect(await say('SSH-2.0-OpenSSH\r\n', 300)).toBe('timeout');
    expect(await say('GE', 300)).toBe('timeout');
  });
});
