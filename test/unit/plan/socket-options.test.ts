import { describe, expect, it } from 'vitest';
import type { OptionTable } from '../../../src/cli/option-spec.js';
import { SOCKET_OPTIONS } from '../../../src/cli/socket-option-table.js';
import { type ListenSpec, parseListenSpec } from '../../../src/net/index.js';
import { makePlan, type SocketOptions } from '../../../src/plan/index.js';
import { assertOptionsApply, planSocketOptions } from '../../../src/plan/socket-options.js';
import { failureOf } from '../support/failure.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, NO, NOBODY, YES } from '../support/plans.js';

const planned = (spec: string, options: SocketOptions, isNetAdmin = false) =>
  planSocketOptions(parseListenSpec(spec), options, isNetAdmin)
    .filter(({ name }) => name !== 'SO_REUSEADDR')
    .map(({ name, value, traffic }) => `${name}=${value}${traffic ? '' : ' address'}`);

describe('the options of a socket', () => {
  it.each<[string, SocketOptions, string[]]>([
    ['80', { 'ipv6-only': 1 }, ['IPV6_V6ONLY=1 address']],
    ['0.0.0.0:80', { 'ipv6-only': 1 }, []],
    ['80', { 'bind-to-device': 'eth0' }, ['SO_BINDTODEVICE=eth0 address']],
    ['80', { 'free-bind': 1, transparent: 1 }, ['IPV6_FREEBIND=1 address', 'IPV6_TRANSPARENT=1 address']],
    ['0.0.0.0:80', { 'free-bind': 1, transparent: 1 }, ['IP_FREEBIND=1 address', 'IP_TRANSPARENT=1 address']],
    ['udp:80', { 'reuse-port': 1, mark: 7 }, ['SO_REUSEPORT=1 address', 'SO_MARK=7 address']],
    ['80', { 'ip-tos': 8, 'ip-ttl': 3 }, ['IP_TOS=8', 'IPV6_TCLASS=8', 'IP_TTL=3', 'IPV6_UNICAST_HOPS=3']],
    ['0.0.0.0:80', { 'ip-tos': 8, 'ip-ttl': 3 }, ['IP_TOS=8', 'IP_TTL=3']],
    [
      'udp:80',
      { 'pass-packet-info': 1, broadcast: 1 },
      ['SO_BROADCAST=1', 'IP_PKTINFO=1', 'IPV6_RECVPKTINFO=1'],
    ],
    ['80', { 'pass-packet-info': 1, broadcast: 1, timestamping: 'us' }, []],
    ['udp:80', { timestamping: 'off' }, []],
    ['unix-dgram:/x', { timestamping: 'us' }, ['SO_TIMESTAMP=1']],
    ['udp:80', { timestamping: 'ns' }, ['SO_TIMESTAMPNS=1']],
    [
      '80',
      { 'keep-alive': 1, 'keep-alive-time': 1, 'keep-alive-interval': 2, 'keep-alive-probes': 3 },
      ['SO_KEEPALIVE=1', 'TCP_KEEPIDLE=1', 'TCP_KEEPINTVL=2', 'TCP_KEEPCNT=3'],
    ],
    [
      '80',
      { 'no-delay': 1, 'defer-accept': 9, 'tcp-congestion': 'reno', priority: 6 },
      ['TCP_NODELAY=1', 'TCP_DEFER_ACCEPT=9', 'TCP_CONGESTION=reno', 'SO_PRIORITY=6'],
    ],
    ['udp:80', { 'no-delay': 1, 'keep-alive': 1, 'tcp-congestion': 'reno' }, []],
    ['/x', { 'pass-credentials': 1, 'pass-security': 1, mark: 7 }, ['SO_PASSCRED=1', 'SO_PASSSEC=1']],
    ['80', { 'pass-credentials': 1, backlog: 5 }, []],
  ])('%s with %j', (spec, options, expected) => {
    expect(planned(spec, options)).toEqual(expected);
  });

  it('are forced where we may', () => {
    const options = { 'receive-buffer': 8, 'send-buffer': 9 };
    expect(planned('80', options)).toEqual(['SO_RCVBUF=8', 'SO_SNDBUF=9']);
    expect(planned('80', options, true)).toEqual(['SO_RCVBUFFORCE=8', 'SO_SNDBUFFORCE=9']);
  });

  it('are all those of the command line', () => {
    const everything: Record<string, ListenSpec> = Object.fromEntries(
      ['80', 'udp:80', '/x', 'unix-dgram:/x'].map((spec) => [spec, parseListenSpec(spec)]),
    );
    const table: OptionTable = SOCKET_OPTIONS;
    for (const { name } of table.filter(({ name }) => name !== 'backlog')) {
      const options = { [name]: name === 'timestamping' ? 'us' : 1 };
      const sets = Object.values(everything).flatMap((spec) => planSocketOptions(spec, options, false));
      expect({ name, set: sets.some((option) => option.name !== 'SO_REUSEADDR') }).toEqual({
        name,
        set: true,
      });
    }
  });

  it.each<[string[], SocketOptions, string]>([
    [['udp:80', '/x'], { 'no-delay': 1 }, 'option --no-delay is for TCP, and no listener is'],
    [['80'], { broadcast: 1 }, 'option --broadcast is for UDP, and no listener is'],
    [
      ['80', '/x'],
      { timestamping: 'us' },
      'option --timestamping is for UDP and unix-dgram, and no listener is',
    ],
    [['80'], { 'pass-credentials': 1 }, 'option --pass-credentials is for UNIX sockets, and no listener is'],
    [['/x'], { mark: 1 }, 'option --mark is for TCP and UDP, and no listener is'],
    [['udp:80'], { backlog: 1 }, 'option --backlog is for listeners with connections, and no listener is'],
  ])('%j refuse %j', (specs, options, message) => {
    const listeners = specs.map(parseListenSpec);
    expect(failureOf(() => assertOptionsApply(listeners, options))).toEqual({ code: 'ALF_USAGE', message });
    expect(() => assertOptionsApply(specs.map(parseListenSpec), { 'ipv6-only': 1 })).not.toThrow();
  });

  it('keep a shared port off tier steer', () => {
    const config = configOf({ socketOptions: { 'reuse-port': 1 } });
    const filter = { ...filterOf(), policy: ALLOW_ALL };
    const only = (tiers: object) => capabilitiesOf({ tiers: { ...capabilitiesOf().tiers, ...tiers } });
    const steerOnly = only({ ebpf: NO, classic: { tcp: NO, udp: YES } });
    expect(failureOf(() => makePlan(config, filter, steerOnly))).toMatchObject({ code: 'ALF_TIER' });
    expect(failureOf(() => makePlan({ ...config, tier: 'steer' }, filter, capabilitiesOf()))).toEqual({
      code: 'ALF_TIER',
      message: 'unable to enforce a filter on tcp [::]:4242: tier steer does not share the address',
      hint: 'leave --reuse-port out, or use another tier',
    });
    expect(makePlan(config, filter, only({ ebpf: NO })).listeners[0]).toMatchObject({ tier: 'classic' });
  });

  it('have capabilities dropped that were lent for them', () => {
    const credentials = {
      ...NOBODY,
      ambient: (1n << 13n) | (1n << 12n),
      effective: (1n << 13n) | (1n << 12n),
    };
    const drop = (socketOptions: SocketOptions) =>
      makePlan(configOf({ socketOptions }), filterOf(), capabilitiesOf({ credentials })).drop.capabilities;
    expect(drop({})).toEqual([]);
    expect(drop({ mark: 1 })).toEqual(['CAP_NET_ADMIN', 'CAP_NET_RAW']);
    expect(drop({ 'receive-buffer': 1 })).toEqual(['CAP_NET_ADMIN']);
  });
});
