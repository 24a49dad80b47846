import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectServed, local, remote } from '../support/attempts.js';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, type Running, run, start } from '../support/run.js';
import { fixedPort, hasEnded, kill, killBoth, livingCompanions, lookAt, waitFor } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';

const { server, client } = ADDRESS;

/** A user, and what filters there. */
interface Way {
  readonly tcp: 'ebpf' | 'classic' | 'steer';
  readonly udp: 'ebpf' | 'classic';
  readonly as: readonly string[];
}

const WAYS: readonly Way[] = [
  { tcp: 'ebpf', udp: 'ebpf', as: [] },
  { tcp: 'classic', udp: 'classic', as: [] },
  { tcp: 'steer', udp: 'classic', as: AS_NOBODY },
];

const RULES = ['--allow', `${client.private4},${client.private6},127.0.0.1,::1`];
const near4 = remote(client.private4, server.private4);
const near6 = remote(client.private6, server.private6);
const far4 = remote(client.public4, server.public4);
const far6 = remote(client.public6, server.public6);
const self4 = local('127.0.0.1', '127.0.0.1');

const AT_MOST_MS = 20_000;

describeWith(['root', 'bpf', 'netns'], 'a program that opens its sockets itself', () => {
  const network = makeNetwork();

  /** The command of a launch whose program opens sockets: words of `own-socket`. */
  function command({ tcp, as }: Way, sockets: readonly string[], options: readonly string[] = []): string[] {
    const tier = tcp === 'steer' ? 'auto' : tcp;
    return [
      ...[
        ...network.server,
        ...as,
        installed('alfwrapper'),
        '-v',
        '--tier',
        tier,
        ...options,
        ...RULES,
        '--',
      ],
      ...[fixture('own-socket'), ...sockets, '--', fixture('echo')],
    ];
  }

  async function serve(
    way: Way,
    sockets: readonly string[],
    options: readonly string[] = [],
  ): Promise<Running> {
    const program = start(command(way, sockets, options), { cwd: '/' });
    await program.until(/^ready$/m);
    return program;
  }

  describe.each(WAYS)('on $tcp for TCP and $udp for UDP', (way) => {
    const { tcp, udp } = way;

    it('serves those that the rules allow: IPv4 and IPv6 on one socket', async () => {
      const port = fixedPort();
      const program = await serve(way, [`tcp,::,${port}`]);
      expect(program.stderr()).toMatch(
        new RegExp(`^alfwrapper: tcp \\[::\\]:${port} of own-socket\\[${program.pid}\\]: ${tcp}$`, 'm'),
      );
      await expectServed(network, [near4, near6, self4], [far4, far6], { port });
    });

    it('serves those that the rules allow: a socket of each family', async () => {
      const port = fixedPort();
      await serve(way, [`tcp,0.0.0.0,${port}`, 'v6only', `tcp,::,${port}`]);
      await expectServed(network, [near4, near6, self4], [far4, far6], { port });
    });

    it('serves those that the rules allow: UDP', async () => {
      const port = fixedPort();
      const program = await serve(way, [`udp,::,${port}`]);
      expect(program.stderr()).toMatch(new RegExp(`^alfwrapper: udp \\[::\\]:${port} of .*: ${udp}$`, 'm'));
      await expectServed(network, [near4, near6, self4], [far4, far6], { port, protocol: 'udp' });
    });

    it('filters a declared UDP port of clients, in each form of its address', async () => {
      const port = 40_000 + (fixedPort() % 10_000);
      const declared = ['--intercept', '--listen', `udp:0.0.0.0:${port}`];
      const program = await serve(way, [`udp,::,${port}`], declared);
      await expectServed(network, [near4, near6, self4], [far4, far6], { port, protocol: 'udp' });
      await program.kill();
      await serve(way, [`udp,::ffff:0.0.0.0,${port}`], declared);
      await expectServed(network, [near4, self4], [far4], { port, protocol: 'udp' });
    });

    it('serves by each of several sockets on one address', async () => {
      const port = fixedPort();
      const workers = Array.from({ length: 4 }, () => ['reuseport', `tcp,::,${port}`]).flat();
      await serve(way, workers);
      const visits = Array.from({ length: 20 }, () => [near4, near6]).flat();
      await expectServed(network, visits, [far4, far6, far4, far6], { port });
    });

    it('serves on ports that the kernel chooses', async () => {
      const program = await serve(way, ['tcp,0.0.0.0,0']);
      const [, port = '0'] = /^alfwrapper: tcp 0\.0\.0\.0:(\d+) of /m.exec(program.stderr()) ?? [];
      await expectServed(network, [near4], [far4], { port: Number(port) });
    });

    it('is refused sockets that are not declared, if it was asked for', async () => {
      const port = fixedPort();
      const options = [
        '--intercept',
        '--undeclared',
        'refuse',
        '--listen',
        `${port}`,
        '--listen',
        `udp:${port}`,
      ];
      await serve(way, [`tcp,0.0.0.0,${port}`, `udp,0.0.0.0,${port}`], options);
      await expectServed(network, [near4], [far4], { port });
      for (const [protocol, call] of [
        ['tcp', 'listen'],
        ['udp', 'bind'],
      ]) {
        const other = fixedPort();
        const result = await run(command(way, [`${protocol},127.0.0.1,${other}`], options));
        expect(result.stdout).toBe(`failed ${call} EACCES\n`);
        expect(result.stderr).toContain(
          `alfwrapper: unable to allow ${protocol} 127.0.0.1:${other} of own-socket[`,
        );
        expect(result.stderr).toContain('Permission denied\n  hint: no --listen declares it\n');
      }
    });

    it('leaves no process, and its ports are free at once', async () => {
      const port = fixedPort();
      for (const _ of [1, 2, 3]) {
        const program = await serve(way, [`tcp,0.0.0.0,${port}`]);
        const [, text = '0'] = /^alfwrapper: companion is process (\d+)$/m.exec(program.stderr()) ?? [];
        const companion = Number(text);
        expect(hasEnded(companion)).toBe(false);
        await program.kill();
        await waitFor(() => hasEnded(companion), AT_MOST_MS);
      }
    });

    it('has its parent, its process id, its environment and its descriptors as without us', async () => {
      const show = ['sh', '-c', 'echo $PPID; env | grep ^LISTEN_; ls /proc/self/fd'];
      const direct = await run([...network.server, ...show], { cwd: '/' });
      const program = start(
        [
          ...network.server,
          ...way.as,
          installed('alfwrapper'),
          ...RULES,
          '--',
          'sh',
          '-c',
          'echo $$; exec "$@"',
          '-',
        ].concat(show),
        { cwd: '/' },
      );
      expect((await program.ended()).stdout).toBe(`${program.pid}\n${direct.stdout}`);
    });
  });

  it('keeps serving when a process of the companion is killed, and may open more', async () => {
    const port = fixedPort();
    const program = await serve(WAYS[2] as Way, [`tcp,0.0.0.0,${port}`]);
    const [, text = '0'] = /^alfwrapper: companion is process (\d+)$/m.exec(program.stderr()) ?? [];
    const session = lookAt(Number(text))?.session ?? 0;
    for (const _ of [1, 2, 3, 4]) {
      const pair = await waitForPair(session);
      kill(pair[Math.floor(Math.random() * 2)] ?? 0);
      await expectServed(network, [near4], [far4], { port });
    }
    await waitForPair(session);
  });

  async function waitForPair(session: number): Promise<number[]> {
    await waitFor(() => livingCompanions(session).length === 2, AT_MOST_MS);
    return livingCompanions(session);
  }

  it('is refused new listeners when the companion is gone, and serves no denied client', async () => {
    for (const way of WAYS) {
      const port = fixedPort();
      const target = [fixture('own-socket'), `tcp,0.0.0.0,${port}`, '--', fixture('second-socket')];
      const tier = way.tcp === 'steer' ? 'auto' : way.tcp;
      const options = ['-v', '--tier', tier, ...RULES, '--'];
      const program = start(
        [...network.server, ...way.as, installed('alfwrapper'), ...options, ...target, 'wait'],
        { cwd: '/' },
      );
      await program.until(/^ready$/m);
      const [, text = '0'] = /^alfwrapper: companion is process (\d+)$/m.exec(program.stderr()) ?? [];
      const companion = Number(text);
      if (way.tcp === 'steer') {
        await killBoth(companion);
        expect((await program.ended()).signal).toBe('SIGKILL');
        continue;
      }
      kill(companion);
      await waitFor(() => hasEnded(companion), AT_MOST_MS);
      expect(await attempt(network.client, { from: client.public4, to: server.public4, port })).toBe(
        'timeout',
      );
      await program.kill();
    }
  });

  it('reaches servers that the rules deny', async () => {
    const port = fixedPort();
    const upstream = start([
      ...network.client,
      fixture('own-socket'),
      ...[`tcp,0.0.0.0,${port}`, `udp,0.0.0.0,${port}`, '--', fixture('echo')],
    ]);
    await upstream.until(/^ready$/m);
    for (const way of WAYS)
      for (const protocol of ['tcp', 'udp'])
        for (const from of ['any', server.public4]) {
          const tier = way.tcp === 'steer' ? 'auto' : way.tcp;
          const words = [protocol, from, 0, client.public4, port, 5000].map(String);
          const options = ['--tier', tier, ...RULES, '--'];
          const { stdout } = await run([
            ...[
              ...network.server,
              ...way.as,
              installed('alfwrapper'),
              ...options,
              fixture('client'),
              ...words,
            ],
          ]);
          expect(stdout.trim(), `${way.tcp} ${protocol} from ${from}`).toBe('echo');
        }
  });

  it('lends the companion no more than it needs', async () => {
    const port = fixedPort();
    const program = await serve(WAYS[0] as Way, [`tcp,0.0.0.0,${port}`]);
    const [, pid = '0'] = /^alfwrapper: companion is process (\d+)$/m.exec(program.stderr()) ?? [];
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    // CAP_SETUID 7, CAP_NET_BIND_SERVICE 10, CAP_NET_ADMIN 12, CAP_SYS_PTRACE 19.
    expect(status).toMatch(/^CapPrm:\t0000000000081480$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  });
});
