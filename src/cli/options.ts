import type { OptionTable } from './option-spec.js';
import { SOCKET_OPTIONS } from './socket-option-table.js';

/** The tiers that enforce the filter of a listener. */
export const TIER_CHOICES = ['auto', 'ebpf', 'classic', 'steer'] as const;

/** The engines that open a filter. */
export const ENGINE_CHOICES = ['auto', 'bcc', 'clang', 'object'] as const;

/** The socket types of the listener of `--address` and `--port`. */
export const TYPE_CHOICES = ['SOCK_STREAM', 'SOCK_DGRAM'] as const;

/** What can happen to sockets that the program opens and no option declares. */
export const UNDECLARED_CHOICES = ['filter', 'refuse'] as const;

/** The option of every command. */
export const HELP = { name: 'help', alias: 'h', describe: 'print this help', group: 'Output:' } as const;
/** The option of commands that print data. */
export const JSON_OUTPUT = { name: 'json', describe: 'print JSON', group: 'Output:' } as const;

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
  {
    name: 'intercept',
    describe:
      'filter the sockets that the program opens itself; the default for rules without a listener. With it, --listen declares one',
    group: 'Listening:',
  },
  {
    name: 'undeclared',
    value: 'filter|refuse',
    default: 'filter',
    choices: UNDECLARED_CHOICES,
    describe: 'filter or refuse sockets that the program opens and no --listen declares',
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
  {
    name: 'allow-new-privs',
    describe:
      'with --intercept, do not set no_new_privs, so that sudo and the like work (needs CAP_SYS_ADMIN)',
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
  'unit',
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
