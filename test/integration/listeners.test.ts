import { chmodSync, closeSync, copyFileSync, openSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';
import { makeDirectory } from '../unit/support/directory.js';

const ALLOW = ['--allow', '127.0.0.1,::1', '--rule', 'allow proto unix'];

const alfwrapper = (...words: string[]) => [installed('alfwrapper'), ...words];

/** Makes an attempt on a UNIX socket. */
async function attempt(kind: string, path: string): Promise<string> {
  return (await run([fixture('unix-client'), kind, path, '600'])).stdout.trim();
}

describe('listeners of every kind', () => {
  it('are handed over in order, with their names', async () => {
    const directory = makeDirectory();
    const specs = [
      ...['127.0.0.1:0', 'udp:127.0.0.1:0', '[::1]:0', 'udp:[::1]:0'],
      ...[join(directory, 'a'), `unix-dgram:${directory}/b`, `unix-seqpacket:${directory}/c`],
      `@${directory}`,
    ];
    const listens = specs.flatMap((spec) => ['--listen', spec]);
    const { stdout, stderr } = await run(
      alfwrapper(...listens, '--fdname', 'web', '--fdname', 'x y', ...ALLOW, fixture('sockets')),
    );
    expect(stderr).toBe('');
    expect(stdout.replace(/:[1-9]\d*$/gm, ':PORT').split('\n')).toEqual([
      expect.stringMatching(/^3 web stream listening( locked)? 127\.0\.0\.1:PORT$/),
      '4 x y dgram locked 127.0.0.1:PORT',
      expect.stringMatching(/^5 tcp-0 stream listening( locked)? \[::1\]:PORT$/),
      '6 udp-0 dgram locked [::1]:PORT',
      `7 unix-a stream listening ${directory}/a`,
      `8 unix-dgram-b dgram ${directory}/b`,
      `9 unix-seqpacket-c seqpacket listening ${directory}/c`,
      expect.stringMatching(/^10 unix-\S+ stream listening @/),
      '',
    ]);
  });

  it('serve UNIX peers whom the rules allow, and drop the datagrams of those they do not', async () => {
    const directory = makeDirectory();
    const open = start(
      alfwrapper(
        ...[
          '-v',
          '-l',
          `${directory}/s`,
          '-l',
          `unix-dgram:@${directory}/d`,
          '-l',
          `unix-seqpacket:${directory}/q`,
        ],
        ...['--allow', 'private', '--rule', 'allow proto unix', fixture('echo')],
      ),
    );
    await open.until(/^ready$/m);
    expect(open.stderr()).toContain(
      `alfwrapper: unix ${directory}/s: no filter, the rules allow every packet, fd 3\n`,
    );
    expect(await attempt('stream', `${directory}/s`)).toBe('echo');
    expect(await attempt('dgram', `@${directory}/d`)).toBe('echo');
    expect(await attempt('seqpacket', `${directory}/q`)).toBe('echo');

    const closed = start(
      alfwrapper('-v', '-l', `unix-dgram:${directory}/e`, '--allow', 'private', fixture('echo')),
    );
    await closed.until(/^ready$/m);
    expect(closed.stderr()).toContain('tier classic, filter policy (1 instructions), locked, fd 3');
    expect(await attempt('dgram', `${directory}/e`)).toBe('timeout');
  });

  it('are refused where no filter would run', async () => {
    const path = `${makeDirectory()}/s`;
    for (const [kind, spec] of [
      ['unix', path],
      ['unix-seqpacket', `unix-seqpacket:${path}`],
    ] as const) {
      const { status, stderr } = await run(alfwrapper('-l', spec, '--allow', 'private', 'true'));
      expect(stderr).toBe(
        `alfwrapper: unable to enforce filter policy on ${kind} ${path}: the kernel runs none on UNIX sockets with connections\n` +
          "  hint: who may connect is up to the file's permissions (--socket-mode); leave it to them: --rule 'allow proto unix'\n",
      );
      expect(status).toBe(125);
    }
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('the file of a UNIX socket', () => {
  it('has the permissions that are asked for, whatever the umask', async () => {
    const directory = makeDirectory();
    const modeOf = async (...options: string[]) => {
      const path = join(directory, `s${options.join('')}`);
      const words = alfwrapper('-l', path, ...options, '--rule', 'allow proto unix', 'sh', '-c', 'umask');
      const { stdout } = await run(['sh', '-c', 'umask 0077; exec "$@"', 'sh', ...words]);
      return [(statSync(path).mode & 0o7777).toString(8), stdout];
    };
    expect(await modeOf()).toEqual(['666', '0077\n']);
    expect(await modeOf('--socket-mode', '0620')).toEqual(['620', '0077\n']);
  });

  it('is replaced when it was left behind, and not when somebody listens or it is a file', async () => {
    const directory = makeDirectory();
    const path = join(directory, 's');
    const launch = () => run(alfwrapper('-l', path, '--rule', 'allow proto unix', 'true'));
    expect((await launch()).stderr).toBe('');
    expect(statSync(path).isSocket()).toBe(true);
    expect(await launch()).toMatchObject({ status: 0, stderr: '' });

    const live = join(directory, 'live');
    const server = createServer().listen(live);
    const refused = await run(alfwrapper('-l', live, '--rule', 'allow proto unix', 'true'));
    server.close();
    expect(refused).toMatchObject({
      status: 125,
      stderr: `alfwrapper: unable to bind unix ${live}: another socket has it (EADDRINUSE)\n  hint: see: ss -lxp\n`,
    });

    const file = join(directory, 'file');
    writeFileSync(file, 'precious');
    expect(await run(alfwrapper('-l', file, '--rule', 'allow proto unix', 'true'))).toMatchObject({
      status: 125,
      stderr: `alfwrapper: unable to bind unix ${file}: a file that is not a socket has this path (EADDRINUSE)\n  hint: move it, or listen elsewhere\n`,
    });
  });

  it('is gone when the launch fails behind it', async () => {
    const directory = makeDirectory();
    const { stderr } = await run(
      alfwrapper('-l', `${directory}/s`, '-l', '192.0.2.77:80', '--rule', 'allow proto unix', 'true'),
    );
    expect(stderr).toContain('unable to bind tcp 192.0.2.77:80');
    expect(statSync(`${directory}/s`, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('is gone when execve fails, also where no process reads standard error', async () => {
    const directory = makeDirectory();
    const [path, program] = [join(directory, 's'), join(directory, 'program')];
    copyFileSync('/bin/true', program);
    chmodSync(program, 0o755);
    // Text file busy.
    const writing = openSync(program, 'r+');
    const words = alfwrapper('-l', path, '--rule', 'allow proto unix', program);
    const unread = ['sh', '-c', 'mkfifo "$0"; exec 4<>"$0" 2>"$0" 4<&-; exec "$@"', join(directory, 'pipe')];
    for (const before of [[], unread]) {
      expect(await run([...before, ...words])).toMatchObject({ status: 126, signal: null });
      expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
    }
    closeSync(writing);
  });
});

describe('variables for the program', () => {
  it('are set, replaced in place, and used to find it', async () => {
    const env = cleanEnvironment({ FIRST: '1', LAST: '2' });
    const { stdout } = await run(
      alfwrapper(
        ...[
          '-E',
          'FIRST=one',
          '--setenv',
          'NEW=a=b',
          '-E',
          'LAST',
          '-E',
          'PATH=/usr/bin:/bin',
          '-l',
          '127.0.0.1:0',
        ],
        ...['--allow', '127.0.0.1', 'env'],
      ),
      { env },
    );
    const lines = stdout.split('\n').filter((line) => /^(FIRST|LAST|NEW|PATH)=/.test(line));
    // What a shell makes of the order of what it inherits is its own affair.
    expect(lines.sort()).toEqual(['FIRST=one', 'LAST=2', 'NEW=a=b', 'PATH=/usr/bin:/bin']);
  });
});

describeWith(['root'], 'an ordinary user', () => {
  it('listens on UNIX sockets and the network without any privilege', async () => {
    const name = `@${makeDirectory()}`;
    const { stderr, stdout } = await run([
      ...AS_NOBODY,
      ...alfwrapper('-l', name, '-l', `unix-dgram:${name}.d`, '-l', '127.0.0.1:0', '-l', 'udp:[::1]:0'),
      ...ALLOW,
      fixture('sockets'),
    ]);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(4);
  });
});
