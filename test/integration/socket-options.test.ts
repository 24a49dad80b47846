import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectServed, remote } from '../support/attempts.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';
import { makeDirectory } from '../unit/support/directory.js';

/** What a socket shows of options from inside the target. */
async function optionsOf(prefix: readonly string[], spec: string, given: readonly string[], names: string[]) {
  const rules = ['--allow', '127.0.0.1,::1', '--rule', 'allow proto unix'];
  const { status, stdout, stderr } = await run([
    ...prefix,
    installed('alfwrapper'),
    ...['-l', spec, ...given, ...rules, fixture('sockets'), ...names],
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.trim().split(' ').slice(-names.length).join(' ');
}

const UNIX = 'UNIX';

/** Options, where, what they come to. The kernel doubles buffers. */
const ROWS: readonly (readonly [string, string, string])[] = [
  ['--ipv6-only yes', '[::]:0', 'IPV6_V6ONLY=1'],
  ['--ipv6-only both', '[::]:0', 'IPV6_V6ONLY=0'],
  ['', 'udp:[::]:0', 'IPV6_V6ONLY=0'],
  ['--bind-to-device lo', '127.0.0.1:0', 'SO_BINDTODEVICE=lo'],
  ['--bind-to-device lo', 'udp:[::1]:0', 'SO_BINDTODEVICE=lo'],
  ['--free-bind', '192.0.2.77:0', 'IP_FREEBIND=1'],
  ['--free-bind', '[2001:db8::77]:0', 'IPV6_FREEBIND=1'],
  ['--free-bind', 'udp:192.0.2.77:0', 'IP_FREEBIND=1'],
  ['--keep-alive', '127.0.0.1:0', 'SO_KEEPALIVE=1'],
  ['--keep-alive-time 2min', '127.0.0.1:0', 'TCP_KEEPIDLE=120'],
  ['--keep-alive-interval 9', '127.0.0.1:0', 'TCP_KEEPINTVL=9'],
  ['--keep-alive-probes 4', '[::1]:0', 'TCP_KEEPCNT=4'],
  ['--no-delay', '[::1]:0', 'TCP_NODELAY=1'],
  ['--defer-accept 1', '127.0.0.1:0', 'TCP_DEFER_ACCEPT=1'],
  ['--tcp-congestion reno', '127.0.0.1:0', 'TCP_CONGESTION=reno'],
  ['--broadcast', 'udp:127.0.0.1:0', 'SO_BROADCAST=1'],
  ['--pass-packet-info', 'udp:127.0.0.1:0', 'IP_PKTINFO=1'],
  ['--pass-packet-info', 'udp:[::]:0', 'IP_PKTINFO=1 IPV6_RECVPKTINFO=1'],
  ['--timestamping us', 'udp:127.0.0.1:0', 'SO_TIMESTAMP=1'],
  ['--timestamping ns', 'udp:127.0.0.1:0', 'SO_TIMESTAMPNS=1'],
  ['--timestamping off', 'udp:127.0.0.1:0', 'SO_TIMESTAMP=0'],
  ['--ip-tos low-delay', '127.0.0.1:0', 'IP_TOS=16'],
  ['--ip-tos 0xb8', '[::]:0', 'IP_TOS=184 IPV6_TCLASS=184'],
  ['--ip-ttl 7', '127.0.0.1:0', 'IP_TTL=7'],
  ['--ip-ttl 7', 'udp:[::]:0', 'IP_TTL=7 IPV6_UNICAST_HOPS=7'],
  ['--priority 5', '127.0.0.1:0', 'SO_PRIORITY=5'],
  ['--priority 5', UNIX, 'SO_PRIORITY=5'],
  ['--receive-buffer 16K', '127.0.0.1:0', 'SO_RCVBUF=32768'],
  ['--send-buffer 16K', 'udp:127.0.0.1:0', 'SO_SNDBUF=32768'],
  ['--send-buffer 16K', UNIX, 'SO_SNDBUF=32768'],
  ['--pass-credentials', UNIX, 'SO_PASSCRED=1'],
  ['--pass-security', UNIX, 'SO_PASSSEC=1'],
];

/** What takes privileges, or a tier that an ordinary user has not. */
const PRIVILEGED: readonly (readonly [string, string, string])[] = [
  ['--mark 0x2a', '127.0.0.1:0', 'SO_MARK=42'],
  ['--mark 7', 'udp:[::]:0', 'SO_MARK=7'],
  ['--transparent', '192.0.2.77:0', 'IP_TRANSPARENT=1'],
  ['--transparent', '[2001:db8::77]:0', 'IPV6_TRANSPARENT=1'],
  ['--reuse-port', '127.0.0.1:0', 'SO_REUSEPORT=1'],
  ['--reuse-port', 'udp:[::]:0', 'SO_REUSEPORT=1'],
  ['--priority 9', '127.0.0.1:0', 'SO_PRIORITY=9'],
  ['--receive-buffer 64M', '127.0.0.1:0', 'SO_RCVBUF=134217728'],
  ['--send-buffer 64M', '127.0.0.1:0', 'SO_SNDBUF=134217728'],
];

async function expectRow(
  prefix: readonly string[],
  options: string,
  where: string,
  expected: string,
  more: readonly string[] = [],
) {
  const spec = where === UNIX ? `@${makeDirectory()}` : where;
  const names = expected.split(' ').map((pair) => pair.replace(/=.*/, ''));
  const given = [...more, ...options.split(' ').filter((word) => word !== '')];
  expect(await optionsOf(prefix, spec, given, names)).toBe(expected);
}

describe('options of sockets, as the program finds them', () => {
  it.each(ROWS)('%s on %s is %s', async (options, where, expected) => {
    await expectRow([], options, where, expected);
  });
});

describeWith(['root', 'bpf'], 'options of sockets', () => {
  it.each(PRIVILEGED)('%s on %s is %s for root', async (options, where, expected) => {
    await expectRow([], options, where, expected);
  });

  it.each(ROWS)('%s on %s is %s without any privilege', async (options, where, expected) => {
    await expectRow(AS_NOBODY, options, where, expected);
  });

  it('that take privileges are refused to others, by name', async () => {
    const refused = async (...given: string[]) => {
      const words = [installed('alfwrapper'), '-l', '127.0.0.1:0', ...given, '--allow', '127.0.0.1', 'true'];
      const { status, stderr } = await run([...AS_NOBODY, ...words]);
      return `${status} ${stderr}`;
    };
    expect(await refused('--mark', '7')).toBe(
      '125 alfwrapper: unable to set SO_MARK on the sink of tcp 127.0.0.1:0: operation not permitted (EPERM)\n' +
        '  hint: it needs CAP_NET_ADMIN\n',
    );
    expect(await refused('--transparent')).toContain('unable to set IP_TRANSPARENT on');
    expect(await refused('--priority', '9')).toContain('unable to set SO_PRIORITY on');
    expect(await refused('--bind-to-device', 'nowhere')).toContain(
      'unable to set SO_BINDTODEVICE on the sink of tcp 127.0.0.1:0: no such device (ENODEV)\n  hint: there is no such interface; see: ip link show\n',
    );
    expect(await refused('--tcp-congestion', 'nonsense')).toContain(
      'unable to set TCP_CONGESTION on tcp 127.0.0.1:0: no such file or directory (ENOENT)',
    );
    expect(await refused('--reuse-port')).toMatch(/^125 alfwrapper: unable to enforce a filter on tcp /);
  });
});

describeWith(['root', 'bpf', 'netns'], 'a listener on one device', () => {
  const network = makeNetwork();
  const { server, client } = ADDRESS;

  it.each(['ebpf', 'steer'])('serves what the rules let through there: tier %s', async (tier) => {
    const words = ['--tier', tier, '-l', '4242', '--bind-to-device', 'wire'];
    const rules = ['--allow', `${client.private4},${client.private6}`];
    const daemon = start([...network.server, installed('alfwrapper'), ...words, ...rules, fixture('echo')]);
    await daemon.until(/^ready$/m);
    await expectServed(
      network,
      [remote(client.private4, server.private4), remote(client.private6, server.private6)],
      [remote(client.public4, server.public4), remote(client.public6, server.public6)],
    );
  });
});

describeWith(['root', 'bpf', 'netns'], 'the queue of a listener', () => {
  const { server } = makeNetwork();
  const somaxconn = Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'));

  /** What ss calls Send-Q of a listener. */
  async function backlogOf(tier: string, ...given: string[]) {
    const show = ['sh', '-c', 'ss -Hltn "sport = :4300" | sort -n -k3 | tail -n 1'];
    const words = ['--tier', tier, '-l', '127.0.0.1:4300', ...given, '--allow', '127.0.0.1'];
    const { stdout } = await run([...server, installed('alfwrapper'), ...words, ...show]);
    return Number(stdout.split(/\s+/)[2]);
  }

  it.each(['ebpf', 'steer'])('is as long as --backlog says, or as the kernel lets: tier %s', async (tier) => {
    expect(await backlogOf(tier, '--backlog', '17')).toBe(17);
    expect(await backlogOf(tier)).toBe(somaxconn);
  });
});
