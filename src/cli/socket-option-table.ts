import type { OptionTable } from './option-spec.js';

const SOCKETS = { group: 'Sockets:' } as const;

/** Options of listening sockets: the keys of systemd.socket(5). */
export const SOCKET_OPTIONS = [
  { ...SOCKETS, name: 'backlog', value: 'NUMBER', describe: 'limit of connections that wait to be accepted' },
  {
    ...SOCKETS,
    name: 'ipv6-only',
    value: 'default|both|yes',
    default: 'both',
    choices: ['default', 'both', 'yes'],
    describe: 'with both, [::] also serves IPv4; default follows net.ipv6.bindv6only',
  },
  {
    ...SOCKETS,
    name: 'bind-to-device',
    value: 'INTERFACE',
    describe: 'accept packets of this interface only',
  },
  {
    ...SOCKETS,
    name: 'free-bind',
    describe: 'listen on an address that this machine does not have, or not yet',
  },
  {
    ...SOCKETS,
    name: 'transparent',
    describe: 'accept packets that are routed here for other addresses (needs CAP_NET_ADMIN)',
  },
  { ...SOCKETS, name: 'reuse-port', describe: 'let other processes of this user listen on the same port' },
  {
    ...SOCKETS,
    name: 'mark',
    value: 'NUMBER',
    describe: 'firewall mark of sent packets (needs CAP_NET_ADMIN)',
  },
  { ...SOCKETS, name: 'keep-alive', describe: 'send TCP keepalive probes on idle connections' },
  { ...SOCKETS, name: 'keep-alive-time', value: 'SECONDS', describe: 'idle time before the first probe' },
  { ...SOCKETS, name: 'keep-alive-interval', value: 'SECONDS', describe: 'time between probes' },
  {
    ...SOCKETS,
    name: 'keep-alive-probes',
    value: 'NUMBER',
    describe: 'unanswered probes before the connection is closed',
  },
  { ...SOCKETS, name: 'no-delay', describe: 'send small segments without delay (TCP_NODELAY)' },
  {
    ...SOCKETS,
    name: 'defer-accept',
    value: 'SECONDS',
    describe: 'let accept(2) wait until a connection has data, or for this time',
  },
  { ...SOCKETS, name: 'tcp-congestion', value: 'NAME', describe: 'TCP congestion control' },
  { ...SOCKETS, name: 'broadcast', describe: 'let the program send to broadcast addresses' },
  {
    ...SOCKETS,
    name: 'pass-packet-info',
    describe: 'tell the program the destination and interface of each datagram',
  },
  {
    ...SOCKETS,
    name: 'timestamping',
    value: 'off|us|ns',
    choices: ['off', 'us', 'ns'],
    describe: 'tell the program the arrival time of each datagram',
  },
  {
    ...SOCKETS,
    name: 'ip-tos',
    value: 'NUMBER',
    describe: 'type of service of sent packets, or: low-delay, throughput, reliability, low-cost',
  },
  { ...SOCKETS, name: 'ip-ttl', value: 'NUMBER', describe: 'hop limit of sent packets' },
  { ...SOCKETS, name: 'priority', value: 'NUMBER', describe: 'priority of sent packets within this machine' },
  {
    ...SOCKETS,
    name: 'receive-buffer',
    value: 'BYTES',
    describe: 'size of the receive buffer, with K, M or G',
  },
  { ...SOCKETS, name: 'send-buffer', value: 'BYTES', describe: 'size of the send buffer, with K, M or G' },
  {
    ...SOCKETS,
    name: 'pass-credentials',
    describe: 'tell the program the credentials of each sender (SO_PASSCRED)',
  },
  {
    ...SOCKETS,
    name: 'pass-security',
    describe: 'tell the program the security context of each sender (SO_PASSSEC)',
  },
] as const satisfies OptionTable;
