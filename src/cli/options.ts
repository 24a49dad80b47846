/** One option of the command line. Help, parsing and the manual page come from this table. */
export interface OptionSpec {
  readonly name: string;
  readonly alias?: string;
  /** What its value is called in the help; an option without one is a switch. */
  readonly value?: string;
  readonly describe: string;
  readonly default?: string | boolean;
  /** All values it takes; any if left out. */
  readonly choices?: readonly string[];
  /** May be given more than once, every time counts. */
  readonly repeatable?: true;
  readonly group: 'Listening:' | 'Sockets:' | 'Rules:' | 'Filter:' | 'Program:' | 'Packet:' | 'Output:';
}

/** The options of launch mode or of a command, in the order of the help. */
export type OptionTable = readonly OptionSpec[];

/** How the filter of a listener is to be enforced. */
export const TIER_CHOICES = ['auto', 'ebpf', 'classic', 'steer'] as const;

/** What opens a filter. */
export const ENGINE_CHOICES = ['auto', 'bcc', 'clang', 'object'] as const;

/** The kinds of socket of the one listener that has no `--listen`. */
export const TYPE_CHOICES = ['SOCK_STREAM', 'SOCK_DGRAM'] as const;

const HELP = { name: 'help', alias: 'h', describe: 'print this help', group: 'Output:' } as const;
const JSON_OUTPUT = { name: 'json', describe: 'print JSON', group: 'Output:' } as const;

/** The options that make up a policy; together in the order they are given. */
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
    describe: 'the rules of a file; - is standard input',
    group: 'Rules:',
  },
] as const satisfies OptionTable;

const SOCKETS = { group: 'Sockets:' } as const;

/** What listening sockets are to be like: the keys of systemd.socket(5). */
export const SOCKET_OPTIONS = [
  { ...SOCKETS, name: 'backlog', value: 'NUMBER', describe: 'how many connections may wait to be accepted' },
  {
    ...SOCKETS,
    name: 'ipv6-only',
    value: 'default|both|yes',
    default: 'both',
    choices: ['default', 'both', 'yes'],
    describe: 'whether [::] serves IPv4 as well; default leaves it to net.ipv6.bindv6only',
  },
  {
    ...SOCKETS,
    name: 'bind-to-device',
    value: 'INTERFACE',
    describe: 'serve what comes in on this interface only',
  },
  {
    ...SOCKETS,
    name: 'free-bind',
    describe: 'listen on an address that is not, or not yet, one of this machine',
  },
  {
    ...SOCKETS,
    name: 'transparent',
    describe: 'serve what is routed here for other addresses (needs CAP_NET_ADMIN)',
  },
  { ...SOCKETS, name: 'reuse-port', describe: 'let other processes of this user listen on the same port' },
  {
    ...SOCKETS,
    name: 'mark',
    value: 'NUMBER',
    describe: 'firewall mark of what is sent (needs CAP_NET_ADMIN)',
  },
  { ...SOCKETS, name: 'keep-alive', describe: 'ask peers that are silent for long whether they are there' },
  { ...SOCKETS, name: 'keep-alive-time', value: 'SECONDS', describe: 'how long that is' },
  { ...SOCKETS, name: 'keep-alive-interval', value: 'SECONDS', describe: 'how long between questions' },
  {
    ...SOCKETS,
    name: 'keep-alive-probes',
    value: 'NUMBER',
    describe: 'how many questions go unanswered before it is over',
  },
  { ...SOCKETS, name: 'no-delay', describe: 'send small pieces at once (TCP_NODELAY)' },
  {
    ...SOCKETS,
    name: 'defer-accept',
    value: 'SECONDS',
    describe: 'wake the program up when there is something to read, or after this time',
  },
  { ...SOCKETS, name: 'tcp-congestion', value: 'NAME', describe: 'congestion control of TCP' },
  { ...SOCKETS, name: 'broadcast', describe: 'let the program send to broadcast addresses' },
  { ...SOCKETS, name: 'pass-packet-info', describe: 'tell the program where a datagram went and came in' },
  {
    ...SOCKETS,
    name: 'timestamping',
    value: 'off|us|ns',
    choices: ['off', 'us', 'ns'],
    describe: 'tell the program when a datagram came in',
  },
  {
    ...SOCKETS,
    name: 'ip-tos',
    value: 'NUMBER',
    describe: 'type of service of what is sent, or: low-delay, throughput, reliability, low-cost',
  },
  { ...SOCKETS, name: 'ip-ttl', value: 'NUMBER', describe: 'hop limit of what is sent' },
  { ...SOCKETS, name: 'priority', value: 'NUMBER', describe: 'priority of what is sent within this machine' },
  {
    ...SOCKETS,
    name: 'receive-buffer',
    value: 'BYTES',
    describe: 'size of the receive buffer, with K, M or G',
  },
  { ...SOCKETS, name: 'send-buffer', value: 'BYTES', describe: 'size of the send buffer, with K, M or G' },
  { ...SOCKETS, name: 'pass-credentials', describe: 'tell the program who sent what (SO_PASSCRED)' },
  { ...SOCKETS, name: 'pass-security', describe: 'tell the program the security context of who sent what' },
] as const satisfies OptionTable;

/** How a filter is opened. */
export const OPENING_OPTIONS = [
  {
    name: 'engine',
    value: 'ENGINE',
    default: 'auto',
    choices: ENGINE_CHOICES,
    describe:
      'what opens the filter: clang (C in libbpf style), bcc (C in the dialect of BCC) or object; auto looks',
    group: 'Filter:',
  },
  {
    name: 'entry',
    value: 'NAME',
    describe: 'the function it starts at: without this option filter, or the only program there is',
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
      'listen on PORT, ADDRESS:PORT or [ADDRESS]:PORT, with tcp: or udp: in front; on /PATH or @NAME, with unix:, unix-dgram: or unix-seqpacket:',
    group: 'Listening:',
  },
  {
    name: 'fdname',
    value: 'NAME',
    repeatable: true,
    describe: 'name of a listener in LISTEN_FDNAMES; once for each, in order',
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
    describe: 'port to listen on; 0 picks one',
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
    describe: 'set an entry of one of the maps of the filter',
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
    describe: 'how the filter is enforced: auto, ebpf, classic or steer',
    group: 'Filter:',
  },
  {
    name: 'lock',
    default: true,
    describe: 'lock the filter, so that the program cannot take it off (--no-lock leaves it open)',
    group: 'Filter:',
  },
  {
    name: 'setenv',
    alias: 'E',
    value: 'NAME=VALUE',
    repeatable: true,
    describe: 'set a variable for the program; NAME alone passes it on, as happens anyway',
    group: 'Program:',
  },
  {
    name: 'accept',
    describe: 'run the program once for each connection, which is its fd 3',
    group: 'Program:',
  },
  {
    name: 'inetd',
    describe: 'make the connection, or without --accept the listener, its standard input and output',
    group: 'Program:',
  },
  {
    name: 'max-connections',
    value: 'NUMBER',
    describe: 'serve so many connections at a time (with --accept; 64)',
    group: 'Program:',
  },
  {
    name: 'max-per-source',
    value: 'NUMBER',
    describe: 'serve so many of them from one IPv4 address or /64 of IPv6',
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
    describe: 'run it in this group, without supplementary groups of ours',
    group: 'Program:',
  },
  { name: 'chdir', value: 'DIRECTORY', describe: 'run it in this directory', group: 'Program:' },
  { name: 'umask', value: 'MASK', describe: 'set its umask, in octal', group: 'Program:' },
  {
    name: 'no-new-privs',
    describe: 'keep it from gaining privileges by executing something',
    group: 'Program:',
  },
  { name: 'drop-caps', describe: 'run it without capabilities, root or not', group: 'Program:' },
  { name: 'dry-run', describe: 'print the plan and run nothing', group: 'Output:' },
  { name: 'json', describe: 'print the plan as JSON (with --dry-run)', group: 'Output:' },
  {
    name: 'verbose',
    alias: 'v',
    describe: 'say what has been done, on standard error',
    group: 'Output:',
  },
  { name: 'quiet', alias: 'q', describe: 'do not print warnings', group: 'Output:' },
  { name: 'version', describe: 'print the version', group: 'Output:' },
  HELP,
] as const satisfies OptionTable;

/** The options of `alfwrapper check`. */
export const CHECK_OPTIONS = [
  ...RULE_OPTIONS,
  { name: 'to', value: 'ADDR[:PORT]', describe: 'where the packet goes to', group: 'Packet:' },
  { name: 'on', value: 'IF', describe: 'the interface it comes in on', group: 'Packet:' },
  { name: 'proto', value: 'PROTOCOL', default: 'tcp', describe: 'its IP protocol', group: 'Packet:' },
  JSON_OUTPUT,
  {
    name: 'verbose',
    alias: 'v',
    describe: 'say what each set file was read as, on standard error',
    group: 'Output:',
  },
  HELP,
] as const satisfies OptionTable;

/**
 * The options of `alfwrapper explain`: those of a launch, so that it can be put in front of one, but for those that
 * say something else than to launch.
 */
export const EXPLAIN_OPTIONS: OptionTable = LAUNCH_OPTIONS.filter(
  ({ name }) => name !== 'dry-run' && name !== 'version',
).map((option) => (option.name === 'json' ? JSON_OUTPUT : option));

const TRIED: readonly string[] = ['set', 'set-file', 'engine', 'entry', 'verbose', 'quiet'];

/** The options of `alfwrapper try`: what a launch does to open its filter, and packets. */
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
    describe: 'packets of a file, one a line; - is standard input',
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

/** Words that are commands in place of a filter. Their code is loaded only when one of them is used. */
export const COMMAND_NAMES: readonly string[] = [
  'check',
  'try',
  'inspect',
  'explain',
  'doctor',
  'fmt',
  'completion',
];

/** The filters that come along for use on the command line. */
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
