/** One option of the command line. Help, parsing and the manual page come from this table. */
export interface OptionSpec {
  readonly name: string;
  readonly alias?: string;
  /** The name of its value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly describe: string;
  readonly default?: string | boolean;
  /** All values it accepts; any value if omitted. */
  readonly choices?: readonly string[];
  /** May be repeated; every value counts. */
  readonly repeatable?: true;
  readonly group: 'Listening:' | 'Sockets:' | 'Rules:' | 'Filter:' | 'Program:' | 'Packet:' | 'Output:';
}

/** The options of launch mode or of a command, in the order of the help. */
export type OptionTable = readonly OptionSpec[];

/** The tiers that enforce the filter of a listener. */
export const TIER_CHOICES = ['auto', 'ebpf', 'classic', 'steer'] as const;

/** The engines that open a filter. */
export const ENGINE_CHOICES = ['auto', 'bcc', 'clang', 'object'] as const;

/** The socket types of the listener of `--address` and `--port`. */
export const TYPE_CHOICES = ['SOCK_STREAM', 'SOCK_DGRAM'] as const;

const HELP = { name: 'help', alias: 'h', describe: 'print this help', group: 'Output:' } as const;
const JSON_OUTPUT = { name: 'json', describe: 'print JSON', group: 'Output:' } as const;

/** The options that make up a policy, in the order of the command line. */
export const RULE_OPTIONS = [
  {
    name: 'allow',
    value: 'PEERS',
    repeatable: true,
    describe: 'allow these addresses, prefixes, ranges, words or @sets',
    group: 'Rules:',
  },
  { name: 'deny', value: 'PEERS', repeatable: true, describe: 'deny these', group: 'Rules:' },
  { name: 'rule', value: 'RULE', repeatable: true, describe: 'a line of the rule language', group: 'Rules:' },
  {
    name: 'policy',
    value: 'FILE',
    repeatable: true,
    describe: 'rules from a file; - is standard input',
    group: 'Rules:',
  },
] as const satisfies OptionTable;

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

/** Options that select the engine and the entry of a filter. */
export const OPENING_OPTIONS = [
  {
    name: 'engine',
    value: 'ENGINE',
    default: 'auto',
    choices: ENGINE_CHOICES,
    describe:
      'engine of the filter: clang (C in libbpf style), bcc (C in the dialect of BCC) or object; auto detects it',
    group: 'Filter:',
  },
  {
    name: 'entry',
    value: 'NAME',
    describe: 'entry function; default: filter, or the only program of the file',
    group: 'Filter:',
  },
] as const satisfies OptionTable;

/** The options of launch mode. */
export const LAUNCH_OPTIONS = [
  {
    name: 'listen',
    alias: 'l',
    value: 'SPEC',
    repeatable: true,
    describe:
      'listen on PORT, ADDRESS:PORT or [ADDRESS]:PORT, optionally after tcp: or udp:; on /PATH or @NAME, optionally after unix:, unix-dgram: or unix-seqpacket:',
    group: 'Listening:',
  },
  {
    name: 'fdname',
    value: 'NAME',
    repeatable: true,
    describe: 'name of a listener in LISTEN_FDNAMES; once for each listener, in order',
    group: 'Listening:',
  },
  {
    name: 'socket-mode',
    value: 'MODE',
    default: '0666',
    describe: 'permissions of the files of UNIX sockets, in octal',
    group: 'Listening:',
  },
  { name: 'address', value: 'ADDRESS', default: '::', describe: 'address to listen on', group: 'Listening:' },
  {
    name: 'port',
    value: 'PORT',
    default: '4242',
    describe: 'port to listen on; with 0 the kernel selects one',
    group: 'Listening:',
  },
  {
    name: 'type',
    value: 'TYPE',
    default: 'SOCK_STREAM',
    choices: TYPE_CHOICES,
    describe: 'SOCK_STREAM (TCP) or SOCK_DGRAM (UDP)',
    group: 'Listening:',
  },
  ...SOCKET_OPTIONS,
  ...RULE_OPTIONS,
  {
    name: 'set',
    value: 'MAP,KEY,VALUE',
    repeatable: true,
    describe: 'set an entry of a map of the filter',
    group: 'Filter:',
  },
  {
    name: 'set-file',
    value: 'MAP,FILE',
    repeatable: true,
    describe: 'set the entries of a map from a file, one a line',
    group: 'Filter:',
  },
  ...OPENING_OPTIONS,
  {
    name: 'tier',
    value: 'TIER',
    default: 'auto',
    choices: TIER_CHOICES,
    describe: 'kernel mechanism that enforces the filter: auto, ebpf, classic or steer',
    group: 'Filter:',
  },
  {
    name: 'lock',
    default: true,
    describe: 'lock the filter, so that the program cannot detach it (disable with --no-lock)',
    group: 'Filter:',
  },
  {
    name: 'setenv',
    alias: 'E',
    value: 'NAME=VALUE',
    repeatable: true,
    describe: 'set a variable for the program; NAME alone has no effect: variables are passed on',
    group: 'Program:',
  },
  {
    name: 'accept',
    describe: 'run the program once for each connection, which is its fd 3',
    group: 'Program:',
  },
  {
    name: 'inetd',
    describe: 'use the connection, or without --accept the listener, as standard input and output',
    group: 'Program:',
  },
  {
    name: 'max-connections',
    value: 'NUMBER',
    describe: 'limit of simultaneous connections (with --accept; default: 64)',
    group: 'Program:',
  },
  {
    name: 'max-per-source',
    value: 'NUMBER',
    describe: 'limit of simultaneous connections from one IPv4 address or IPv6 /64',
    group: 'Program:',
  },
  {
    name: 'user',
    value: 'USER[:GROUP]',
    describe: 'run the program as this user, in its groups, without capabilities',
    group: 'Program:',
  },
  {
    name: 'group',
    value: 'GROUP',
    describe: 'run the program in this group, without supplementary groups',
    group: 'Program:',
  },
  { name: 'chdir', value: 'DIRECTORY', describe: 'run the program in this directory', group: 'Program:' },
  { name: 'umask', value: 'MASK', describe: 'umask of the program, in octal', group: 'Program:' },
  {
    name: 'no-new-privs',
    describe: 'set no_new_privs: the program cannot gain privileges by an exec',
    group: 'Program:',
  },
  { name: 'drop-caps', describe: 'run the program without capabilities, root or not', group: 'Program:' },
  { name: 'dry-run', describe: 'print the plan and run nothing', group: 'Output:' },
  { name: 'json', describe: 'print the plan as JSON (with --dry-run)', group: 'Output:' },
  {
    name: 'verbose',
    alias: 'v',
    describe: 'report each step on standard error',
    group: 'Output:',
  },
  { name: 'quiet', alias: 'q', describe: 'do not print warnings', group: 'Output:' },
  { name: 'version', describe: 'print the version', group: 'Output:' },
  HELP,
] as const satisfies OptionTable;

/** The options of `alfwrapper check`. */
export const CHECK_OPTIONS = [
  ...RULE_OPTIONS,
  { name: 'to', value: 'ADDR[:PORT]', describe: 'destination of the packet', group: 'Packet:' },
  { name: 'on', value: 'IF', describe: 'interface on which it arrives', group: 'Packet:' },
  { name: 'proto', value: 'PROTOCOL', default: 'tcp', describe: 'its IP protocol', group: 'Packet:' },
  JSON_OUTPUT,
  {
    name: 'verbose',
    alias: 'v',
    describe: 'report the format of each set file on standard error',
    group: 'Output:',
  },
  HELP,
] as const satisfies OptionTable;

/**
 * The options of `alfwrapper explain`: those of a launch, except those that do not launch. So `explain` can be inserted
 * into the command line of a launch.
 */
export const EXPLAIN_OPTIONS: OptionTable = LAUNCH_OPTIONS.filter(
  ({ name }) => name !== 'dry-run' && name !== 'version',
).map((option) => (option.name === 'json' ? JSON_OUTPUT : option));

const TRIED: readonly string[] = ['set', 'set-file', 'engine', 'entry', 'verbose', 'quiet'];

/** The options of `alfwrapper try`: packets, and the launch options that open a filter. */
export const TRY_OPTIONS = [
  {
    name: 'packet',
    value: 'PACKET',
    repeatable: true,
    describe:
      '[tcp|udp|…] ADDR[:PORT] [to ADDR[:PORT]] [on IF] [flags syn,ack] [data TEXT|hex:BYTES], or hex:BYTES from its network header on',
    group: 'Packet:',
  },
  {
    name: 'packets',
    value: 'FILE',
    describe: 'packets from a file, one a line; - is standard input',
    group: 'Packet:',
  },
  ...LAUNCH_OPTIONS.filter(({ name }) => TRIED.includes(name)),
  JSON_OUTPUT,
  HELP,
] as OptionTable;

/** The options of `alfwrapper doctor`. */
export const DOCTOR_OPTIONS = [JSON_OUTPUT, HELP] as const satisfies OptionTable;

/** The options of `alfwrapper fmt`. */
export const FMT_OPTIONS = [HELP] as const satisfies OptionTable;

/** The options of `alfwrapper inspect`. */
export const INSPECT_OPTIONS = [...OPENING_OPTIONS, JSON_OUTPUT, HELP] as const satisfies OptionTable;

/** The options of `alfwrapper completion`. */
export const COMPLETION_OPTIONS = [HELP] as const satisfies OptionTable;

/** First arguments that are commands, not filters. Their code is loaded on use only. */
export const COMMAND_NAMES: readonly string[] = [
  'check',
  'try',
  'inspect',
  'explain',
  'doctor',
  'fmt',
  'completion',
];

/** The shipped filters. */
export const SHIPPED_FILTERS: readonly string[] = [
  'whitelist-private',
  'whitelist',
  'subnets',
  'interfaces',
  'knocking',
];

/** Finds an option by its long name or its letter. */
export function findOption(table: OptionTable, name: string): OptionSpec | undefined {
  return table.find((option) => option.name === name || option.alias === name);
}
