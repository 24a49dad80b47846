import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { acceptWith, hold, readFrom } from '../support/accept.js';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { untilEnded } from '../support/processes.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, type Running, run, start } from '../support/run.js';
import { observe } from '../support/state.js';
import { childrenOf, fixedPort } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';

const LOOPBACK = ['--listen', '127.0.0.1:0', '--allow', 'localhost'];

/** The port the kernel has picked. */
const portOf = (running: Running) => Number(/\(127\.0\.0\.1:(\d+)\): tier/.exec(running.stderr())?.[1]);

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'alfwrapper-accept-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Waits until so many connections are served. */
async function untilServing(acceptor: Running, count: number): Promise<number[]> {
  await vi.waitFor(() => expect(childrenOf(acceptor.pid)).toHaveLength(count), { timeout: 5000 });
  return childrenOf(acceptor.pid);
}

describeWith(['root', 'bpf'], 'a program for each connection', () => {
  // Some signals ignored, some blocked, and a file that stays open.
  const STATE = [
    ...['env', '--ignore-signal=USR1,CHLD', '--block-signal=USR2'],
    ...['sh', '-c', 'umask 027; exec "$0" "$@" 9</dev/zero'],
  ];

  it('starts as a direct start, but for the connection and what it is told of it', async () => {
    const direct = await observe(STATE);
    const file = join(directory(), 'state');
    const acceptor = await acceptWith(STATE, LOOPBACK, ['sh', '-c', `exec ${fixture('state')} ${file}`]);
    await readFrom(portOf(acceptor));
    // Where it was looked at from, and where it wrote that to, are two different files.
    const state = readFileSync(file, 'utf8').replaceAll(join(file, '..'), 'DIRECTORY').trimEnd().split('\n');
    // Its parent is another one, with which it ends.
    const about = (lines: readonly string[]) =>
      lines
        .filter((line) => !/^env (_|OLDPWD)=/.test(line))
        .map((line) => line.replace(/(parent|deathsig) \d+/, '$1'));
    const here = about(state);
    expect(about(direct).filter((line) => !here.includes(line))).toEqual([]);
    const gained = here.filter((line) => !about(direct).includes(line)).sort();
    expect(gained).toEqual([
      'env LISTEN_FDNAMES=connection',
      'env LISTEN_FDS=1',
      expect.stringMatching(/^env LISTEN_PID=\d+$/),
      expect.stringMatching(/^env LISTEN_PIDFDID=\d+$/),
      'env REMOTE_ADDR=127.0.0.1',
      expect.stringMatching(/^env REMOTE_PORT=\d+$/),
      'fd 3 mode 140777 status 2 flags 0',
    ]);
  });

  it('tells a process its own id, and nothing of what we were told', async () => {
    const print = 'echo "$$ $LISTEN_PID"; env | grep -c "^LISTEN_"';
    const acceptor = await acceptWith(
      [],
      [...LOOPBACK, '-E', 'REMOTE_ADDR=forged'],
      ['sh', '-c', `{ ${print}; env; } >&3`],
    );
    const text = await readFrom(portOf(acceptor));
    expect(text).toMatch(/^(\d+) \1\n4\n/);
    expect(text).not.toContain('forged');
    expect(text).not.toContain(`LISTEN_PID=${acceptor.pid}\n`);
  });

  it('with --inetd has the connection for standard input and output, and no LISTEN_*', async () => {
    const acceptor = await acceptWith([], [...LOOPBACK, '--inetd'], ['sh', '-c', 'env']);
    const text = await readFrom(portOf(acceptor));
    expect(text).toMatch(/^REMOTE_ADDR=127\.0\.0\.1$/m);
    expect(text).not.toContain('LISTEN_');
  });

  it('is run for a connection to a UNIX socket, whose peer has no port and mostly no name', async () => {
    const name = join(directory(), 'socket');
    const acceptor = await acceptWith(
      [],
      ['--listen', name, '--rule', 'allow proto unix', '--inetd'],
      ['env'],
    );
    const text = await readFrom(name);
    expect(text).toContain('PATH=');
    expect(text).not.toContain('REMOTE_');
    expect((await acceptor.kill()).signal).toBe('SIGTERM');
  });

  it('is run by the user that was asked for, also without a single capability of ours', async () => {
    const asked = await acceptWith([], [...LOOPBACK, '--inetd', '--user', 'nobody'], ['id', '-un']);
    expect(await readFrom(portOf(asked))).toBe('nobody\n');
    const unprivileged = await acceptWith(AS_NOBODY, [...LOOPBACK, '--inetd'], ['id', '-un']);
    expect(unprivileged.stderr()).not.toContain('tier ebpf');
    expect(await readFrom(portOf(unprivileged))).toBe('nobody\n');
  });

  it('leaves nothing behind: no descriptor, no zombie, no count', async () => {
    const acceptor = await acceptWith([], [...LOOPBACK, '--inetd', '--max-connections', '5'], ['id', '-u']);
    const port = portOf(acceptor);
    expect(await readFrom(port)).toBe('0\n');
    await untilServing(acceptor, 0);
    const files = () => readdirSync(`/proc/${acceptor.pid}/fd`);
    const before = files();
    for (let i = 0; i < 200; i++) expect(await readFrom(port)).toBe('0\n');
    await untilServing(acceptor, 0);
    expect(files()).toEqual(before);
    expect(acceptor.stderr()).not.toContain('refused');
  });

  it('that is gone meanwhile is one line, and the next connection gets the same answer', async () => {
    const path = join(directory(), 'program');
    symlinkSync('/bin/true', path);
    const acceptor = await acceptWith([], LOOPBACK, [path]);
    await readFrom(portOf(acceptor));
    rmSync(path);
    expect(await readFrom(portOf(acceptor))).toBe('');
    await acceptor.until(/^alfwrapper: unable to execute \S+\/program: No such file or directory$/m);
    expect(await readFrom(portOf(acceptor))).toBe('');
    await untilServing(acceptor, 0);
  });

  it.each([
    ['no descriptor is free', 'accept4:error=EMFILE:when=1..3', /^$/],
    ['a peer has gone again', 'accept4:error=ECONNABORTED:when=1..2', /^$/],
    [
      'no process can be started',
      '?vfork:error=EAGAIN:when=1',
      /^alfwrapper: refused a connection from 127\.0\.0\.1: Resource temporarily unavailable\n$/,
    ],
  ])('is run again when %s for a moment', async (_, failing, says) => {
    const strace = ['strace', '-qqo', '/dev/null', '-e', 'signal=none', '-e', `inject=${failing}`];
    const acceptor = await acceptWith(strace, [...LOOPBACK, '--inetd'], ['echo', 'served']);
    await acceptor.until(/are not filtered$/m);
    const before = acceptor.stderr();
    // A connection that is reset is tried again.
    expect(await readFrom(portOf(acceptor))).toBe('served\n');
    expect(acceptor.stderr().slice(before.length)).toMatch(says);
  });

  it('is run for connections to a socket that was passed in', async () => {
    const command = [installed('alfwrapper'), '--allow', 'localhost', '--accept', '--inetd', '--', 'env'];
    const port = fixedPort();
    const daemon = start(['systemd-socket-activate', '-l', `127.0.0.1:${port}`, ...command]);
    await daemon.until(/Listening/);
    const text = await readFrom(port);
    expect(text).toContain('REMOTE_ADDR=127.0.0.1');
    expect(text).not.toContain('LISTEN_');
  });

  it('may take the listener itself for standard input and output', async () => {
    const serve =
      'require("net").createServer((s) => s.end(String(process.env.LISTEN_FDS))).listen({ fd: 0 })';
    const command = [installed('alfwrapper'), '-v', ...LOOPBACK, '--inetd', '--', 'node', '-e', serve];
    const daemon = start(command);
    await daemon.until(/ fd 3\n/);
    expect(await readFrom(portOf(daemon))).toBe('undefined');
  });

  it('is what scripts/echod.sh runs where there is no systemd-socket-activate', async () => {
    const path = directory();
    for (const name of ['sh', 'cat', 'env']) symlinkSync(`/usr/bin/${name}`, join(path, name));
    const options = ['-v', ...LOOPBACK, '-E', `PATH=${path}`];
    const daemon = start([installed('alfwrapper'), ...options, '--', installed('scripts/echod.sh')]);
    await daemon.until(/ fd 3\n/);
    const answered = async () =>
      expect(await attempt([], { to: '127.0.0.1', port: portOf(daemon) })).toBe('echo');
    await vi.waitFor(answered, { timeout: 5000 });
  });
});

describeWith(['root', 'bpf'], 'the end of an acceptor', () => {
  const CAT = [...LOOPBACK, '--inetd'];
  const served = async (acceptor: Running, count: number) => {
    const { holder } = await hold([], '127.0.0.1', portOf(acceptor), [`127.0.0.1*${count}`]);
    return { holder, pids: await untilServing(acceptor, count) };
  };

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
    'by %s is the end of its processes',
    async (signal) => {
      const acceptor = await acceptWith([], CAT, ['cat']);
      const { pids } = await served(acceptor, 3);
      expect(await acceptor.kill(signal)).toMatchObject({ status: null, signal });
      await untilEnded(pids);
    },
  );

  it('by SIGKILL is the end of its processes too', async () => {
    const acceptor = await acceptWith([], CAT, ['cat']);
    const { pids } = await served(acceptor, 3);
    await acceptor.kill('SIGKILL');
    await untilEnded(pids);
  });

  it('waits for a process that has something to finish, and accepts nobody meanwhile', async () => {
    const acceptor = await acceptWith([], CAT, [
      'sh',
      '-c',
      'exec 3<&0; trap "echo told >&2" TERM; cat <&3 & wait; wait',
    ]);
    const { holder } = await served(acceptor, 1);
    process.kill(acceptor.pid, 'SIGTERM');
    await acceptor.until(/told/);
    expect(await attempt([], { to: '127.0.0.1', port: portOf(acceptor) })).toBe('ECONNREFUSED');
    await holder.kill();
    expect(await acceptor.ended()).toMatchObject({ signal: 'SIGTERM' });
  });

  it('does not come by a signal that is ignored', async () => {
    const acceptor = await acceptWith(['env', '--ignore-signal=HUP'], CAT, ['cat']);
    await served(acceptor, 1);
    process.kill(acceptor.pid, 'SIGHUP');
    expect((await acceptor.kill()).signal).toBe('SIGTERM');
  });

  it('is a status where it is the init of a PID namespace', async () => {
    const init = ['unshare', '--pid', '--fork', '--mount-proc'];
    const acceptor = await acceptWith(init, CAT, ['cat']);
    await hold([], '127.0.0.1', portOf(acceptor), ['127.0.0.1*2']);
    const [pid = 0] = childrenOf(acceptor.pid);
    process.kill(pid, 'SIGTERM');
    expect(await acceptor.ended()).toMatchObject({ status: 128 + 15 });
  });
});

describeWith(['root', 'bpf', 'netns'], 'limits on connections', () => {
  const network = makeNetwork();
  const { client, server } = ADDRESS;
  const PORT = 4242;
  const everybody = ['--port', String(PORT), '--rule', 'deny from 203.0.113.0/24', '--rule', 'default allow'];
  const accepting = (...limits: string[]) =>
    acceptWith(network.server, ['--inetd', ...everybody, ...limits], ['cat']);
  const visit = (host: string, ...sources: string[]) => hold(network.client, host, PORT, sources);

  it('leave whom the rules deny outside, and name peers as systemd does', async () => {
    const wanted = ['sh', '-c', 'echo "<$REMOTE_ADDR>"; cat'];
    await acceptWith(network.server, ['--inetd', ...everybody], wanted);
    const from = (to: string, address: string) =>
      attempt(network.client, {
        ...{ from: address, to, port: PORT },
        exchange: { request: '', part: `<${address}>` },
      });
    expect(await from(server.public4, client.public4)).toBe('timeout');
    expect(await from(server.private4, client.private4)).toBe('answer');
    expect(await from(server.public6, client.public6)).toBe('answer');
    expect(await from(`${server.linkLocal}%wire`, `${client.linkLocal}%wire`)).toBe('answer');
  });

  it('count the addresses of a /64 as one source, and an IPv4 address as one', async () => {
    await run([...network.client, 'ip', 'address', 'add', '2001:db8::3/64', 'dev', 'wire', 'nodad']);
    await run([...network.client, 'ip', 'address', 'add', '10.7.0.3/24', 'dev', 'wire']);
    const acceptor = await accepting('--max-per-source', '2');
    const { outcomes } = await visit(
      server.public6,
      client.public6,
      '2001:db8::3',
      client.public6,
      '2001:db8::3',
    );
    const refused = { ECONNRESET: 1 };
    expect(outcomes).toEqual([{ served: 1 }, { served: 1 }, refused, refused]);
    const other = await visit(server.private6, `${client.private6}*2`);
    expect(other.outcomes).toEqual([{ served: 2 }]);
    const four = await visit(server.private4, `${client.private4}*3`, '10.7.0.3*2');
    expect(four.outcomes).toEqual([{ served: 2, ...refused }, { served: 2 }]);
    await untilServing(acceptor, 8);
    expect(acceptor.stderr().match(/^alfwrapper: refused.*$/gm)).toEqual([
      'alfwrapper: refused a connection from 2001:db8::1: 2 from there are served (--max-per-source)'.replace(
        '::1',
        '::2',
      ),
    ]);
  });

  it('make room again when a connection ends', async () => {
    const acceptor = await accepting('--max-connections', '3');
    const { holder, outcomes } = await visit(server.private4, `${client.private4}*4`);
    expect(outcomes).toEqual([{ served: 3, ECONNRESET: 1 }]);
    await acceptor.until(
      /^alfwrapper: refused a connection from 10\.7\.0\.2: 3 are served \(--max-connections\)$/m,
    );
    await holder.kill();
    await untilServing(acceptor, 0);
    expect((await visit(server.private4, `${client.private4}*3`)).outcomes).toEqual([{ served: 3 }]);
  });

  it('are 64 unless something else is said, without a word under -q', async () => {
    const acceptor = await accepting('-q');
    expect((await visit(server.private4, `${client.private4}*70`)).outcomes).toEqual([
      { served: 64, ECONNRESET: 6 },
    ]);
    expect(acceptor.stderr()).not.toContain('refused');
  });

  it('hold under a flood: others are served, and lines are few', { timeout: 180_000 }, async () => {
    const acceptor = await accepting('--max-per-source', '5', '--max-connections', '50');
    const flood = visit(server.public6, `${client.public6}*3000`);
    await untilServing(acceptor, 5);
    const others = await visit(server.private4, ...Array<string>(5).fill(client.private4));
    expect(others.outcomes).toEqual(Array(5).fill({ served: 1 }));
    expect((await flood).outcomes).toEqual([{ served: 5, ECONNRESET: 2995 }]);
    expect(await untilServing(acceptor, 10)).toHaveLength(10);
    // One line, and one every ten seconds it takes.
    const lines = acceptor.stderr().match(/refused a connection/g)?.length ?? 0;
    expect(lines).toBeGreaterThan(0);
    expect(lines).toBeLessThan(7);
    // A reset leaves no state; what is here is from before.
    const lingering = ['state', 'time-wait', 'dst', `[${client.public6}]`];
    const { stdout } = await run([...network.server, 'ss', '-Htn', ...lingering]);
    expect(stdout.split('\n').length).toBeLessThan(10);
  });
});
