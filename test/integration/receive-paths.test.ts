import { describe, expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, run, start } from '../support/run.js';
import { drive } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';

const ALLOWED = [ADDRESS.client.private4];
const DENIED = ADDRESS.client.public4;
const TO = ADDRESS.server.public4;

/** First four bytes of ESP (a parameter index), and of what is not ESP. */
const ESP = 'SPI!';
const NOT_ESP = Buffer.from([0, 0, 0, 0]);

describeWith(['root', 'bpf', 'netns'], 'a UDP listener', () => {
  const { server, client } = makeNetwork();

  /** Starts a daemon that asks for packets on another path. */
  async function listen(tier: 'ebpf' | 'classic', what: string) {
    const target = [fixture('udp-paths'), what];
    const command = drive({ tier, allowed: ALLOWED, listeners: ['udp,0.0.0.0,0'], as: server, target });
    const daemon = start(command, { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
    await daemon.until(/^ready$/m);
    const port = Number(/:(\d+)\): tier/.exec(daemon.stderr())?.[1]);
    /** Sends datagrams from the denied host, and returns how many the socket dropped. */
    const dropsAfter = async (...requests: (string | Buffer)[]) => {
      for (const request of requests) {
        const exchange = { request, part: 'never' };
        await attempt(client, { protocol: 'udp', from: DENIED, to: TO, port, timeoutMs: 100, exchange });
      }
      const asked = daemon.until(/^dropped (\d+)$/m);
      daemon.send('\n');
      return Number((await asked)[1]);
    };
    return { ...daemon, port, dropsAfter };
  }

  describe.each(['ebpf', 'classic'] as const)('on tier %s', (tier) => {
    it('drops datagrams of a denied host, before and after a program asks for errors', async () => {
      const { dropsAfter, stdout } = await listen(tier, 'errqueue');
      expect(await dropsAfter('a', 'b')).toBe(2);
      expect(stdout()).not.toContain('received');
    });

    it('hands over the payload that an ICMP error of a denied host quotes: documented', async () => {
      const daemon = await listen(tier, 'errqueue');
      expect(daemon.stdout()).toContain('errqueue succeeded');
      const sent = await run([...client, fixture('icmp-error'), DENIED, TO, String(daemon.port), 'invented']);
      expect(sent.status).toBe(0);
      await daemon.until(/^error queue: invented/m);
    });

    it('hands over no ICMP error to a program that does not ask', async () => {
      const daemon = await listen(tier, 'plain');
      await run([...client, fixture('icmp-error'), DENIED, TO, String(daemon.port), 'invented']);
      expect(await daemon.dropsAfter('a')).toBe(1);
      expect(daemon.stdout()).not.toContain('invented');
    });

    it('does not see ESP if the program asks for encapsulation, and drops the rest: documented', async () => {
      const daemon = await listen(tier, 'encap');
      expect(daemon.stdout()).toContain('encap succeeded');
      const esp = Buffer.concat([Buffer.from(ESP), Buffer.alloc(28)]);
      expect(await daemon.dropsAfter(esp, Buffer.concat([NOT_ESP, esp]))).toBe(1);
    });
  });

  it('refuses encapsulation to a program that has a listener on steer, too', async () => {
    const listeners = ['udp,0.0.0.0,0', 'tcp,0.0.0.0,0'];
    const target = [fixture('udp-paths'), 'encap'];
    const as = [...server, ...AS_NOBODY];
    const { stdout } = await run(drive({ tier: 'auto', allowed: ALLOWED, listeners, as, target }), {
      cwd: '/',
    });
    expect(stdout).toContain('encap EPERM');
  });
});
