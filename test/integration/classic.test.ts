import { describe, expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { describeWith } from '../support/requires.js';
import { fixture, run } from '../support/run.js';
import { drive, serve } from '../support/steer.js';

const ECHO = [fixture('echo')];
const TO = '127.0.0.1';

describe('classic, as a user without any capability', () => {
  it.each(['127.0.0.1', '::'])('filters UDP on %s', async (address) => {
    const { port, companion } = await serve({
      tier: 'classic',
      listeners: [`udp,${address},0`],
      target: ECHO,
    });
    expect(companion).toBe(0);
    expect(await attempt([], { protocol: 'udp', from: TO, to: TO, port })).toBe('echo');
    expect(await attempt([], { protocol: 'udp', from: '127.0.0.2', to: TO, port })).toBe('timeout');
  });

  it('is locked, for the target as for everybody', async () => {
    const target = [fixture('steer-target'), 'detach-filter', 'attach-filter', 'unlock', '--', ...ECHO];
    const served = await serve({ tier: 'classic', listeners: [`udp,${TO},0`], target });
    const attempts = served.stdout().match(/^\S+ EPERM$/gm);
    expect(attempts).toEqual(['detach-filter EPERM', 'attach-filter EPERM', 'unlock EPERM']);
  });
});

describeWith(['root'], 'classic on TCP, with CAP_NET_ADMIN', () => {
  it.each(['127.0.0.1', '::'])('filters on %s', async (address) => {
    const { port } = await serve({
      tier: 'classic',
      listeners: [`tcp,${address},0`],
      target: ECHO,
      as: [],
    });
    expect(await attempt([], { from: TO, to: TO, port })).toBe('echo');
    expect(await attempt([], { from: '127.0.0.2', to: TO, port })).toBe('timeout');
  });

  it('refuses rules that do not fit into 4096 instructions, and executes nothing', async () => {
    const allowed = Array.from({ length: 6000 }, (_, i) => `127.${i >> 8}.${i & 255}.1`);
    const result = await run(drive({ tier: 'classic', allowed, target: ['echo', 'no'], as: [] }));
    expect(result).toMatchObject({ status: 125, stdout: '' });
    expect(result.stderr).toMatch(
      /^alfwrapper: unable to compile the rules to classic BPF: they need \d+ instructions/,
    );
  });
});
