import { expect, it } from 'vitest';
import { expectServed, local } from '../support/attempts.js';
import { attempt } from '../support/client.js';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const RULES = ['--allow', '127.0.0.1,::1', '--rule', 'allow proto unix'];

/** A launch with sockets passed in: specs and variables for the fixture, words for alfwrapper. */
const activated = (specs: readonly string[], words: readonly string[]) => [
  ...[fixture('activate'), ...specs, '--'],
  ...[installed('alfwrapper'), ...words],
];

const show = (specs: readonly string[], ...words: string[]) =>
  run(activated(specs, [...words, ...RULES, fixture('sockets')]));

const withoutPorts = (text: string) =>
  text
    .replace(/:[1-9]\d*$/gm, ':PORT')
    .replace(/@\w+$/gm, '@NAME')
    .trimEnd()
    .split('\n');

describeWith(['root', 'bpf'], 'sockets that were passed in', () => {
  it('stay in place with their names, filtered and locked', async () => {
    const kinds = ['tcp', 'udp6', 'unix', 'tcp6', 'unix-dgram', 'udp', 'unix-seqpacket'];
    const { stdout, stderr } = await show(kinds);
    expect(stderr).toBe('');
    expect(withoutPorts(stdout)).toEqual([
      '3 name0 stream listening locked 127.0.0.1:PORT',
      '4 name1 dgram locked [::1]:PORT',
      '5 name2 stream listening @NAME',
      '6 name3 stream listening locked [::1]:PORT',
      '7 name4 dgram @NAME',
      '8 name5 dgram locked 127.0.0.1:PORT',
      '9 name6 seqpacket listening @NAME',
    ]);
  });

  it('come in front of those that are opened', async () => {
    const { stdout } = await show(['tcp'], '--listen', 'udp:127.0.0.1:0', '--fdname', 'dns');
    expect(withoutPorts(stdout)).toEqual([
      '3 name0 stream listening locked 127.0.0.1:PORT',
      '4 dns dgram locked 127.0.0.1:PORT',
    ]);
  });

  it.each([1, 2, 100])('may be %i', async (count) => {
    const { stdout, stderr } = await show(new Array(count).fill('udp'));
    expect(stderr).toBe('');
    const lines = withoutPorts(stdout);
    expect(lines).toHaveLength(count);
    for (const [i, line] of lines.entries())
      expect(line).toBe(`${3 + i} name${i} dgram locked 127.0.0.1:PORT`);
  });

  it('have the variables of the protocol, for the program', async () => {
    const { stdout } = await run(activated(['tcp', 'udp'], [...RULES, 'sh', '-c', 'echo $$; env']));
    const pid = stdout.split('\n', 1)[0];
    const variables = stdout.split('\n').filter((line) => line.startsWith('LISTEN_'));
    expect(variables.sort()).toEqual([
      'LISTEN_FDNAMES=name0:name1',
      'LISTEN_FDS=2',
      `LISTEN_PID=${pid}`,
      ...variables.filter((line) => /^LISTEN_PIDFDID=\d+$/.test(line)),
    ]);
  });

  it('need no names', async () => {
    expect((await show(['tcp', 'LISTEN_FDNAMES='])).stdout).toMatch(/^3 unknown stream listening locked /);
  });

  it('are taken over by tier classic as well', async () => {
    const { stderr } = await run(activated(['tcp'], ['-v', '--tier', 'classic', ...RULES, 'true']));
    expect(stderr).toMatch(/^alfwrapper: tcp 127\.0\.0\.1:\d+: tier classic, .*, locked, fd 3$/m);
  });

  it('are in the plan', async () => {
    const { stdout } = await run(activated(['tcp'], ['--dry-run', ...RULES, 'true']));
    expect(stdout).toMatch(
      /^take over tcp 127\.0\.0\.1:\d+, fd 3 "name0"\n {2}attach the filter \(tier ebpf\)\n {2}lock the filter\nbecome true$/m,
    );
  });
});

describeWith(['root', 'bpf'], 'variables of socket activation', () => {
  it.each<[string, string[]]>([
    ['for another process', ['LISTEN_PID=1']],
    ['for a process of before', ['LISTEN_PIDFDID=1']],
    ['that say nothing', ['LISTEN_FDS=0', 'LISTEN_FDNAMES=']],
    ['for nobody', ['LISTEN_PID=']],
  ])('%s are ignored', async (_, variables) => {
    const { stdout, stderr } = await show(variables, '--listen', '127.0.0.1:0');
    expect(stderr).toBe('');
    expect(withoutPorts(stdout)).toEqual(['3 tcp-0 stream listening locked 127.0.0.1:PORT']);
  });

  const WRONG = 'the caller of alfwrapper must set it as sd_listen_fds(3) describes';
  const LEAVE_OUT = 'no filter can be put on it; leave it out of the .socket unit';

  it.each<[string, string[], string | RegExp, string]>([
    [
      'more than there are',
      ['tcp', 'LISTEN_FDS=2', 'LISTEN_FDNAMES='],
      'LISTEN_FDS is 2, but descriptor 4 is not open',
      WRONG,
    ],
    ['a closed one', ['tcp', 'closed'], 'LISTEN_FDS is 2, but descriptor 4 is not open', WRONG],
    ['no number', ['tcp', 'LISTEN_FDS=many'], 'LISTEN_FDS is not a number: many', WRONG],
    ['no process', ['tcp', 'LISTEN_PID=me'], 'LISTEN_PID is not a number: me', WRONG],
    [
      'too many names',
      ['tcp', 'LISTEN_FDNAMES=a:b'],
      'LISTEN_FDNAMES has 2 names for the 1 sockets of LISTEN_FDS',
      WRONG,
    ],
    [
      'a file',
      ['tcp', 'file'],
      'descriptor 4, passed in by socket activation, is not a socket (ENOTSOCK)',
      LEAVE_OUT,
    ],
    [
      'netlink',
      ['netlink'],
      'descriptor 3, passed in by socket activation, is not a TCP, UDP or UNIX socket',
      LEAVE_OUT,
    ],
    ['an unbound one', ['unbound'], 'descriptor 3, passed in by socket activation, is not bound', LEAVE_OUT],
    [
      'a connection',
      ['connected'],
      'descriptor 3, passed in by socket activation, does not listen',
      'a connection was accepted before any filter could see it: set Accept=no in the .socket unit',
    ],
    [
      'one with a filter',
      ['filtered'],
      /^unable to filter udp 127\.0\.0\.1:\d+: it was passed in with a filter$/,
      'an earlier start or another program attached it; PartOf= in the .socket unit opens new sockets with the service',
    ],
  ])('that pass %s are refused', async (_, specs, message, hint) => {
    const { status, stdout, stderr } = await run(activated(specs, [...RULES, 'echo', 'running']));
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    const [first = '', ...rest] = stderr.split('\n');
    const said = first.replace(/^alfwrapper: /, '');
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(rest).toEqual([`  hint: ${hint}`, '']);
  });

  it('do not pass a locked filter on as ours', async () => {
    const nested = [installed('alfwrapper'), '-l', '127.0.0.1:0', '--tier', 'ebpf', '--allow', 'any'];
    const again = [...nested, 'sh', '-c', `LISTEN_PID=$$ exec ${installed('alfwrapper')} --allow any true`];
    const { status, stderr } = await run(again);
    expect(status).toBe(125);
    expect(stderr).toMatch(
      /^alfwrapper: unable to filter tcp 127\.0\.0\.1:\d+: it was passed in with a filter\n/,
    );
  });

  it('without privileges are refused, for steering opens its own', async () => {
    const launch = (spec: string) => run([...AS_NOBODY, ...activated([spec], ['-q', ...RULES, 'true'])]);
    expect(await launch('tcp')).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(
        /^alfwrapper: unable to enforce a filter on tcp 127\.0\.0\.1:\d+: loading eBPF is refused: /,
      ),
    });
    expect(await launch('udp')).toMatchObject({ status: 0, stderr: '' });
    const steer = await run(activated(['tcp'], ['--tier', 'steer', ...RULES, 'true']));
    expect(steer.stderr).toMatch(
      /^alfwrapper: unable to enforce a filter on tcp \S+: it was passed in, and tier steer opens its own\n {2}hint: let alfwrapper listen /,
    );
  });
});

/** How long those are prepared to wait who wait for a daemon to start; datagrams are lost anyway. */
const PATIENCE = { tcp: 20_000, udp: 1000 };

describeWith(['root', 'bpf', 'netns'], 'what came in before the filter', () => {
  const network = makeNetwork();

  /** Activated by the first connection, as systemd does on demand. */
  async function onDemand(...rules: string[]) {
    const words = ['-l', '[::]:4242', installed('alfwrapper'), '-v', ...rules, fixture('echo')];
    const daemon = start([...network.server, 'systemd-socket-activate', ...words]);
    await daemon.until(/Listening on \[::\]:4242/);
    return daemon;
  }

  it('stays if the rules let it through: whoever wakes the daemon up is served', async () => {
    const daemon = await onDemand('--allow', '127.0.0.1,::1');
    expect(
      await attempt(network.server, { from: '127.0.0.1', to: '127.0.0.1', timeoutMs: PATIENCE.tcp }),
    ).toBe('echo');
    expect(daemon.stderr()).not.toContain('arrived before');
    await expectServed(network, [local('::1', '::1')], [local('127.0.0.2', '127.0.0.1')]);
  });

  it('is reset if they do not: whoever wakes the daemon up is not served', async () => {
    const daemon = await onDemand('--allow', '::1');
    expect(
      await attempt(network.server, { from: '127.0.0.1', to: '127.0.0.1', timeoutMs: PATIENCE.tcp }),
    ).toBe('ECONNRESET');
    await daemon.until(
      /warning: tcp \[::\]:4242: reset 1 connection that arrived before the filter: the rules do not allow all of them$/m,
    );
    await expectServed(network, [local('::1', '::1')], [local('127.0.0.1', '127.0.0.1')]);
  });

  it('is reset if nobody can say: rules that look at interfaces, filters', async () => {
    const daemon = await onDemand('--rule', 'allow in on lo');
    expect(
      await attempt(network.server, { from: '127.0.0.1', to: '127.0.0.1', timeoutMs: PATIENCE.tcp }),
    ).toBe('ECONNRESET');
    await daemon.until(/arrived before the filter: the rules do not allow all of them$/m);
    await expectServed(network, [local('::1', '::1'), local('127.0.0.1', '127.0.0.1')], []);
  });

  /** A daemon that is started once this many have come, and what happens to them, in order. */
  async function afterWaiting(
    spec: string,
    froms: readonly string[],
    rules: readonly string[],
    before = async () => {},
  ) {
    const gate = ['sh', '-c', 'echo open; read -r _; exec "$@"', 'sh'];
    const launch = [installed('alfwrapper'), ...rules, fixture('echo')];
    const daemon = start([...network.server, fixture('activate'), spec, '--', ...gate, ...launch], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await daemon.until(/^open$/m);
    const protocol = spec.startsWith('udp') ? 'udp' : 'tcp';
    const outcomes: Promise<string>[] = [];
    for (const from of froms) {
      outcomes.push(
        attempt(network.server, { protocol, from, to: '127.0.0.1', timeoutMs: PATIENCE[protocol] }),
      );
      await untilWaiting(protocol, outcomes.length);
    }
    await before();
    daemon.send('\n');
    await daemon.until(/^ready$/m);
    return { daemon, outcomes: await Promise.all(outcomes) };
  }

  /** Connections that are made, or bytes in the queue: what ss shows of the listener. */
  async function untilWaiting(protocol: 'tcp' | 'udp', count: number): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      const { stdout } = await run([...network.server, 'ss', '-Hlna', `--${protocol}`, 'sport = :4242']);
      const queue = Number(/^(?:\w+\s+)?(?:LISTEN|UNCONN)\s+(\d+)/m.exec(stdout)?.[1]);
      if (protocol === 'tcp' ? queue >= count : queue > 0) return;
    }
    throw new Error(`${count} never waited`);
  }

  it('is reset as a whole if the rules deny one of them', async () => {
    const froms = ['127.0.0.1', '127.0.0.2', '127.0.0.1', '127.0.0.1'];
    const { daemon, outcomes } = await afterWaiting('tcp:4242', froms, ['--allow', '127.0.0.1']);
    expect(outcomes).toEqual(new Array(4).fill('ECONNRESET'));
    expect(daemon.stderr()).toContain(
      ': reset 4 connections that arrived before the filter: the rules do not allow all of them\n',
    );
  });

  it('is dropped where it is datagrams, which do not show their sender', async () => {
    const { daemon, outcomes } = await afterWaiting('udp:4242', ['127.0.0.1'], ['--allow', '127.0.0.1']);
    expect(outcomes).toEqual(['timeout']);
    expect(daemon.stderr()).toContain(
      ': discarded 1 datagram that arrived before the filter: their senders are unknown\n',
    );
    await expectServed(network, [local('127.0.0.1', '127.0.0.1')], [local('127.0.0.2', '127.0.0.1')], {
      protocol: 'udp',
    });
  });

  it('is reset if the listener is of another network, of which nobody knows', async () => {
    const gate = ['sh', '-c', 'echo open; read -r _; exec "$@"', 'sh', 'unshare', '--net'];
    const launch = [installed('alfwrapper'), '--allow', '127.0.0.1', fixture('echo')];
    const daemon = start([...network.server, fixture('activate'), 'tcp:4242', '--', ...gate, ...launch], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await daemon.until(/^open$/m);
    const froms = ['127.0.0.2', '127.0.0.1'];
    const outcomes = froms.map((from) =>
      attempt(network.server, { from, to: '127.0.0.1', timeoutMs: PATIENCE.tcp }),
    );
    await untilWaiting('tcp', 2);
    daemon.send('\n');
    await daemon.until(/^ready$/m);
    expect(await Promise.all(outcomes)).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(daemon.stderr()).toContain(
      ': reset 2 connections that arrived before the filter: the socket is in another network namespace\n',
    );
    await expectServed(network, [local('127.0.0.1', '127.0.0.1')], [local('127.0.0.2', '127.0.0.1')]);
  });

  it('is reset if somebody in it has left a reset behind, whom no list has any more', async () => {
    const { daemon, outcomes } = await afterWaiting(
      'tcp:4242',
      ['127.0.0.1'],
      ['--allow', '127.0.0.1'],
      async () => {
        const reset =
          'import socket,struct; s=socket.create_connection(("127.0.0.1",4242),5,("127.0.0.2",0)); s.send(b"x"); ' +
          's.setsockopt(socket.SOL_SOCKET,socket.SO_LINGER,struct.pack("ii",1,0)); s.close()';
        await run([...network.server, 'python3', '-c', reset]);
      },
    );
    expect(outcomes).toEqual(['ECONNRESET']);
    expect(daemon.stderr()).toContain(
      ': reset 2 connections that arrived before the filter: the kernel does not list all of them\n',
    );
  });
});
