import { AlfError } from '../errors/index.js';
import { isUnix, type ListenSpec, socketKind } from '../net/index.js';
import type { PlannedOption } from './planned-option.js';

/**
 * What listeners were asked to be like, by the names of the options: numbers as the kernel takes them (1 for a switch
 * that is on), text for names of things.
 */
export type SocketOptions = Readonly<Partial<Record<SocketOptionName, number | string>>>;

/** The options of listening sockets; named after the keys of systemd.socket(5), with their meaning. */
export type SocketOptionName = keyof typeof OPTIONS;

/** The listeners an option is for. */
type Audience = 'all' | 'connections' | 'network' | 'ipv6' | 'tcp' | 'udp' | 'unix' | 'datagrams';

/** Where the kernel has an option: its level and name there. */
type Place = readonly [PlannedOption['level'], PlannedOption['name']];

interface Rule {
  readonly for: Audience;
  /** It says what the socket may be bound to or is bound to, so that all that share its address have it. */
  readonly address?: true;
  /** What is set on an IPv4 socket, and on every other. A function picks by the value, or by our privilege. */
  readonly ipv4?: readonly Place[];
  readonly set: readonly Place[] | ((value: number | string, isNetAdmin: boolean) => readonly Place[]);
}

const socket = (name: PlannedOption['name']): readonly Place[] => [['SOL_SOCKET', name]];
const tcp = (name: PlannedOption['name']): readonly Place[] => [['IPPROTO_TCP', name]];
const ipv4 = (name: PlannedOption['name']): readonly Place[] => [['IPPROTO_IP', name]];
const ipv6 = (name: PlannedOption['name']): readonly Place[] => [['IPPROTO_IPV6', name]];

/** Forced, a buffer may be larger than net.core.rmem_max and wmem_max. */
const buffer =
  (plain: PlannedOption['name'], forced: PlannedOption['name']) =>
  (_: number | string, isNetAdmin: boolean) =>
    socket(isNetAdmin ? forced : plain);

/** Options in the order they are set. A dual-stack socket sends and receives IPv4 too, and is told for both. */
const OPTIONS = {
  backlog: { for: 'connections', set: [] },
  'ipv6-only': { for: 'ipv6', address: true, set: ipv6('IPV6_V6ONLY') },
  'bind-to-device': { for: 'network', address: true, set: socket('SO_BINDTODEVICE') },
  'free-bind': { for: 'network', address: true, ipv4: ipv4('IP_FREEBIND'), set: ipv6('IPV6_FREEBIND') },
  transparent: {
    for: 'network',
    address: true,
    ipv4: ipv4('IP_TRANSPARENT'),
    set: ipv6('IPV6_TRANSPARENT'),
  },
  'reuse-port': { for: 'network', address: true, set: socket('SO_REUSEPORT') },
  mark: { for: 'network', address: true, set: socket('SO_MARK') },
  'keep-alive': { for: 'tcp', set: socket('SO_KEEPALIVE') },
  'keep-alive-time': { for: 'tcp', set: tcp('TCP_KEEPIDLE') },
  'keep-alive-interval': { for: 'tcp', set: tcp('TCP_KEEPINTVL') },
  'keep-alive-probes': { for: 'tcp', set: tcp('TCP_KEEPCNT') },
  'no-delay': { for: 'tcp', set: tcp('TCP_NODELAY') },
  'defer-accept': { for: 'tcp', set: tcp('TCP_DEFER_ACCEPT') },
  'tcp-congestion': { for: 'tcp', set: tcp('TCP_CONGESTION') },
  broadcast: { for: 'udp', set: socket('SO_BROADCAST') },
  'pass-packet-info': {
    for: 'udp',
    ipv4: ipv4('IP_PKTINFO'),
    set: [...ipv4('IP_PKTINFO'), ...ipv6('IPV6_RECVPKTINFO')],
  },
  timestamping: {
    for: 'datagrams',
    set: (value) => (value === 'off' ? [] : socket(value === 'us' ? 'SO_TIMESTAMP' : 'SO_TIMESTAMPNS')),
  },
  'ip-tos': { for: 'network', ipv4: ipv4('IP_TOS'), set: [...ipv4('IP_TOS'), ...ipv6('IPV6_TCLASS')] },
  'ip-ttl': { for: 'network', ipv4: ipv4('IP_TTL'), set: [...ipv4('IP_TTL'), ...ipv6('IPV6_UNICAST_HOPS')] },
  priority: { for: 'all', set: socket('SO_PRIORITY') },
  'receive-buffer': { for: 'all', set: buffer('SO_RCVBUF', 'SO_RCVBUFFORCE') },
  'send-buffer': { for: 'all', set: buffer('SO_SNDBUF', 'SO_SNDBUFFORCE') },
  'pass-credentials': { for: 'unix', set: socket('SO_PASSCRED') },
  'pass-security': { for: 'unix', set: socket('SO_PASSSEC') },
} as const satisfies Record<string, Rule>;

/** For messages. */
const AUDIENCES: Readonly<Record<Audience, string>> = {
  all: 'any listener',
  connections: 'listeners with connections',
  network: 'TCP and UDP',
  ipv6: 'IPv6',
  tcp: 'TCP',
  udp: 'UDP',
  unix: 'UNIX sockets',
  datagrams: 'UDP and unix-dgram',
};

/**
 * The socket options of a listener, in the order they are set, ours in front.
 *
 * @param isNetAdmin whether we have CAP_NET_ADMIN
 */
export function planSocketOptions(
  spec: ListenSpec,
  options: SocketOptions,
  isNetAdmin: boolean,
): PlannedOption[] {
  const planned: PlannedOption[] = [];
  // A daemon that is restarted must get its port back while old connections linger in TIME_WAIT. On UDP the same
  // option would let another process of the user share the port.
  if (socketKind(spec) === 'tcp') planned.push({ level: 'SOL_SOCKET', name: 'SO_REUSEADDR', value: 1 });
  for (const [name, rule] of rules()) {
    const value = options[name];
    if (value === undefined || !isFor(rule, spec)) continue;
    for (const [level, kernelName] of places(rule, spec, value, isNetAdmin)) {
      const told = { level, name: kernelName, value: kernelValue(name, value) };
      planned.push(rule.address === true ? told : { ...told, traffic: true });
    }
  }
  return planned;
}

/**
 * Refuses an option that is for none of the listeners: it would have no effect, and a user may rely on it.
 *
 * @throws AlfError ALF_USAGE
 */
export function assertOptionsApply(specs: readonly ListenSpec[], options: SocketOptions): void {
  for (const [name, rule] of rules()) {
    if (options[name] === undefined || name === 'ipv6-only' || specs.some((spec) => isFor(rule, spec)))
      continue;
    throw new AlfError('ALF_USAGE', `option --${name} is for ${AUDIENCES[rule.for]}, and no listener is`);
  }
}

function rules(): readonly (readonly [SocketOptionName, Rule])[] {
  return Object.entries(OPTIONS) as [SocketOptionName, Rule][];
}

function isFor(rule: Rule, spec: ListenSpec): boolean {
  switch (rule.for) {
    case 'all':
      return true;
    case 'connections':
      return spec.type !== 'datagram';
    case 'datagrams':
      return spec.type === 'datagram';
    case 'network':
      return !isUnix(spec);
    case 'ipv6':
      return !isUnix(spec) && spec.address.family === 6;
    case 'unix':
      return isUnix(spec);
    default:
      return socketKind(spec) === rule.for;
  }
}

function places(rule: Rule, spec: ListenSpec, value: number | string, isNetAdmin: boolean): readonly Place[] {
  if (rule.ipv4 !== undefined && !isUnix(spec) && spec.address.family === 4) return rule.ipv4;
  return typeof rule.set === 'function' ? rule.set(value, isNetAdmin) : rule.set;
}

function kernelValue(name: SocketOptionName, value: number | string): number | string {
  return name === 'timestamping' ? 1 : value;
}
