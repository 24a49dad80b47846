import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { expectServed, remote, type Visit } from '../support/attempts.js';
import type { Attempt } from '../support/client.js';
import { dnsExchange, HTTP_EXCHANGE } from '../support/exchanges.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const { client, server } = ADDRESS;
const PORT = 4242;

/** A daemon that somebody else wrote, or that finds its sockets by something somebody else wrote. */
interface Consumer {
  readonly listen: readonly ('tcp' | 'udp')[];
  /** Its command line, in a directory of its own. */
  readonly command: (directory: string) => readonly string[];
  /** Files of that directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** What it says once it serves; what it says besides is for people. Until it answers, if it says nothing. */
  readonly ready: RegExp;
  /** It looks for its sockets only where systemd runs the machine. */
  readonly booted?: true;
  readonly exchange?: (protocol: 'tcp' | 'udp') => Attempt['exchange'];
}

const CONSUMERS: Readonly<Record<string, Consumer>> = {
  'systemd-socket-activate': {
    listen: ['tcp'],
    command: () => ['systemd-socket-activate', '--accept', '--inetd', 'cat'],
    ready: /Listening on \[::\]:4242 as 3\./,
  },
  sd_listen_fds_with_names: {
    listen: ['tcp', 'udp'],
    command: () => [fixture('sd-daemon')],
    ready: /^3 stream tcp-4242\n4 datagram udp-4242\nwatchdog 0\nready$/m,
  },
  'socket.fromfd of Python': {
    listen: ['tcp', 'udp'],
    command: () => ['/usr/bin/python3', installed('fixtures/activated.py')],
    ready: /^ready AF_INET6 SOCK_STREAM SOCK_DGRAM$/m,
  },
  'server.listen({ fd }) of Node.js': {
    listen: ['tcp'],
    command: () => ['node', installed('fixtures/activated.mjs')],
    ready: /^ready$/m,
  },
  lighttpd: {
    listen: ['tcp'],
    command: (directory) => ['/usr/sbin/lighttpd', '-D', '-f', `${directory}/lighttpd.conf`],
    files: {
      'index.html': HTTP_EXCHANGE.part,
      'lighttpd.conf': `
server.systemd-socket-activation = "enable"
server.port = ${PORT}
server.document-root = "@DIRECTORY@"
index-file.names = ("index.html")
`,
    },
    ready: /server started/,
    exchange: () => HTTP_EXCHANGE,
  },
  gunicorn: {
    listen: ['tcp'],
    command: (directory) => ['/usr/bin/gunicorn', '--chdir', directory, 'app:serve'],
    files: {
      'app.py': `
def serve(environment, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"${HTTP_EXCHANGE.part}"]
`,
    },
    ready: /Booting worker with pid/,
    exchange: () => HTTP_EXCHANGE,
  },
  unbound: {
    listen: ['tcp', 'udp'],
    command: (directory) => ['/usr/sbin/unbound', '-d', '-p', '-c', `${directory}/unbound.conf`],
    files: {
      'unbound.conf': `
server:
  use-systemd: yes
  do-daemonize: no
  use-syslog: no
  verbosity: 1
  chroot: ""
  username: ""
  directory: "@DIRECTORY@"
  interface: ::@${PORT}
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  module-config: iterator
  local-data: "alfwrapper.test. A 192.0.2.1"
`,
    },
    ready: /start of service/,
    booted: true,
    exchange: dnsExchange,
  },
};

/** Prefix of a command that runs where systemd runs the machine, as far as sd_booted(3) can tell. */
const BOOTED = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount -t tmpfs run /run && mkdir -p /run/systemd/system && exec "$@"',
  'sh',
];

const USERS = [
  ['root on ebpf', [], /tcp .*: tier ebpf,/],
  ['a user without privileges on steer', AS_NOBODY, /tcp .*: tier steer,/],
] as const;

describeWith(['root', 'bpf', 'netns', 'daemons'], 'who finds filtered sockets', () => {
  const network = makeNetwork();

  const prepare = ({ files = {} }: Consumer) => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-consumer-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    chmodSync(directory, 0o755);
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(directory, name), text.replaceAll('@DIRECTORY@', directory));
    return directory;
  };

  const cases = Object.entries(CONSUMERS).flatMap(([name, consumer]) =>
    USERS.map(([who, user, tier]) => [name, who, { consumer, user, tier }] as const),
  );

  it.each(cases)('%s, as %s', async (_, __, { consumer, user, tier }) => {
    const directory = prepare(consumer);
    const daemon = start(
      [
        ...[...network.server, ...(consumer.booted ? BOOTED : []), ...user],
        ...[installed('alfwrapper'), '-v', '--allow', 'private'],
        ...consumer.listen.flatMap((protocol) => ['--listen', `${protocol}:[::]:${PORT}`]),
        ...['--', ...consumer.command(directory)],
      ],
      { cwd: '/', env: cleanEnvironment({ PYTHONDONTWRITEBYTECODE: '1' }) },
    );
    await daemon.until(consumer.ready);
    expect(daemon.stderr()).toMatch(tier);
    for (const protocol of consumer.listen) {
      const exchange = consumer.exchange?.(protocol);
      const more = { protocol, port: PORT, ...(exchange === undefined ? {} : { exchange }) };
      const visit = (from: string, to: string): Visit => remote(from, to, more);
      await expectServed(
        network,
        [visit(client.private4, server.private4), visit(client.private6, server.private6)],
        [visit(client.public4, server.public4), visit(client.public6, server.public6)],
        more,
      );
    }
    expect((await daemon.kill('SIGTERM')).signal ?? 'SIGTERM').toBe('SIGTERM');
  });
});
