import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, type Running, run, start } from '../support/run.js';

describeWith(['root', 'bpf', 'netns', 'strace'], 'the order of system calls', () => {
  const network = makeNetwork();
  const traced = 'socket,setsockopt,bind,listen,execve,capset';

  /** The calls of a launch that concern its listener, and what follows, each as `name(second and third argument)`. */
  async function trace(...options: string[]): Promise<string[]> {
    const { stderr } = await run([
      ...network.server,
      ...['strace', '-f', '-e', `trace=${traced}`, '-e', 'signal=none', './alfwrapper', ...options, 'true'],
    ]);
    const all = stderr.split('\n').map((line) => line.replace(/^\[pid +\d+\] /, ''));
    // The filter is tried on a socket of its own first.
    const tried = all.findIndex((line) => line.includes('SO_ATTACH_BPF'));
    const lines = all.slice(tried + 1);
    const opened = lines.findIndex((line) =>
      /^socket\(AF_INET6?, SOCK_(STREAM|DGRAM)\|SOCK_CLOEXEC/.test(line),
    );
    const fd = /= (\d+)$/.exec(lines[opened] ?? '')?.[1];
    return lines
      .slice(opened)
      .filter(
        (line) => line.startsWith('socket(AF_INET') || line.includes(`(${fd},`) || line.startsWith('execve'),
      )
      .map((line) => line.replace(/^(\w+)\((?:\d+, )?((?:AF|SOL)_[^,]+, [^,)[{]+)?.*$/, '$1 $2').trim());
  }

  it('puts options, filter and lock on a TCP listener before bind', async () => {
    expect(await trace('whitelist-private')).toEqual([
      'socket AF_INET6, SOCK_STREAM|SOCK_CLOEXEC',
      'setsockopt SOL_SOCKET, SO_REUSEADDR',
      'setsockopt SOL_IPV6, IPV6_V6ONLY',
      'setsockopt SOL_SOCKET, SO_ATTACH_BPF',
      'setsockopt SOL_SOCKET, SO_LOCK_FILTER',
      'bind',
      'listen',
      'execve',
    ]);
  });

  it('puts filter and lock on a UDP socket before bind', async () => {
    expect(await trace('--type', 'SOCK_DGRAM', '--address', '0.0.0.0', 'whitelist-private')).toEqual([
      'socket AF_INET, SOCK_DGRAM|SOCK_CLOEXEC',
      'setsockopt SOL_SOCKET, SO_ATTACH_BPF',
      'setsockopt SOL_SOCKET, SO_LOCK_FILTER',
      'bind',
      'execve',
    ]);
  });

  it('leaves the filter open with --no-lock', async () => {
    const calls = await trace('--no-lock', 'whitelist-private');
    expect(calls).toContain('setsockopt SOL_SOCKET, SO_ATTACH_BPF');
    expect(calls).not.toContain('setsockopt SOL_SOCKET, SO_LOCK_FILTER');
  });
});

describeWith(['root', 'bpf', 'netns'], 'the lock', () => {
  const network = makeNetwork();
  const attempts = ['detach', 'attach', 'unlock'];

  it('binds root, on the listener and on what it accepts', async () => {
    const target = start([...network.server, './alfwrapper', 'whitelist-private', fixture('tamper')]);
    await target.until(/ready/);
    await attempt(network.server, { to: '::1', timeoutMs: 200 });
    const { stdout } = await target.ended();

    const lines = (socket: string) => attempts.map((what) => `${socket} ${what} EPERM`);
    expect(stdout.trim().split('\n')).toEqual([...lines('listener'), 'ready', ...lines('connection')]);
  });

  it('is not there with --no-lock', async () => {
    const target = start([
      ...network.server,
      './alfwrapper',
      '--no-lock',
      'whitelist-private',
      fixture('tamper'),
    ]);
    await target.until(/ready/);
    expect(target.stdout()).toContain('listener detach succeeded');
    await target.kill('SIGKILL');
  });
});

describeWith(['root', 'bpf', 'bpftool'], 'an established connection', () => {
  it('is cut when the map no longer allows its peer, and goes on when it does again', async () => {
    const daemon = start([
      ...[
        './alfwrapper',
        '-v',
        '--address',
        '127.0.0.1',
        '--port',
        '0',
        '--set',
        'allow4,0,127.0.0.0/8',
        'whitelist',
      ],
      fixture('echo'),
    ]);
    await daemon.until(/ready/);
    const map = await findMap(daemon, 'allow4');
    const connection = connect(Number((await daemon.until(/127\.0\.0\.1:([1-9]\d*)\)/))[1]), '127.0.0.1');
    let received = '';
    connection.setEncoding('utf8').on('data', (text) => {
      received += text;
    });
    const say = async (text: string, waitMs: number) => {
      connection.write(text);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    };

    await say('one ', 100);
    expect(received).toBe('one ');
    const key = ['key', ...['8', '0', '0', '0', '127', '0', '0', '0']];
    await bpftool('map', 'delete', 'id', map, ...key);
    await say('two ', 500);
    expect(received).toBe('one ');
    await bpftool('map', 'update', 'id', map, ...key, 'value', '0', '0', '0', '0');
    await say('three', 2000);
    expect(received).toBe('one two three');
    connection.destroy();
  });

  async function bpftool(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await run(['bpftool', ...args]);
    if (status !== 0) throw new Error(`bpftool ${args.join(' ')}: ${stderr || stdout}`);
    return stdout;
  }

  /** The id of one of the maps of the program that `-v` named. */
  async function findMap(daemon: Running, name: string): Promise<string> {
    const [, program = ''] = await daemon.until(/\(program (\d+)\)/);
    const { map_ids } = JSON.parse(await bpftool('-j', 'prog', 'show', 'id', program)) as {
      map_ids: number[];
    };
    for (const id of map_ids) {
      const map = JSON.parse(await bpftool('-j', 'map', 'show', 'id', String(id))) as { name: string };
      if (map.name === name) return String(id);
    }
    throw new Error(`program ${program} has no map ${name}`);
  }
});

describeWith(['root', 'bpf', 'netns'], 'what a launch leaves behind', () => {
  const network = makeNetwork();

  it('ends with the socket: a new launch on the same port works at once', async () => {
    for (let round = 0; round < 3; round++) {
      const daemon = start([...network.server, './alfwrapper', 'whitelist-private', fixture('echo')]);
      await daemon.until(/ready/);
      expect(await attempt(network.server, { to: ADDRESS.server.private4 })).toBe('echo');
      await daemon.kill();
    }
  });
});
