import type { Command } from '../src/cli/commands/command.js';
import { COMMANDS } from '../src/cli/commands/index.js';
import { LAUNCH_OPTIONS, type OptionSpec } from '../src/cli/options.js';

const HEAD = `.\\" Generated from src/cli/options.ts and src/cli/commands by npm run man.
.TH ALFWRAPPER 1 "" "alfwrapper" "User Commands"
.SH NAME
alfwrapper \\- run a daemon behind a filtered, locked, activated socket
.SH SYNOPSIS
.B alfwrapper
.RI [ options ]
.I filter program
.RI [ arguments ...]
.PP
.B alfwrapper check | explain | doctor | fmt
\\&...
.SH DESCRIPTION
.B alfwrapper
opens a listening socket, attaches an eBPF filter to it before it is bound, locks the filter, and becomes
.IR program ,
which finds the socket at descriptor 3 by the protocol of
.BR sd_listen_fds (3).
.PP
.I filter
is the name of a shipped filter
.RB ( whitelist-private ", " whitelist ", " subnets ", " interfaces ", " knocking )
or a compiled object
.RI ( FILTER .bpf.o).
Options end at the first word that is none, or at
.BR \\-\\- ;
everything behind
.I program
belongs to it.
.SH OPTIONS
`;

const COMMANDS_HEAD = `.SH COMMANDS
Each also takes
.B \\-\\-json
but for
.BR fmt ,
and
.BR \\-\\-help .
Their exit status is 0 for yes or done, 1 for no or failed, 2 for wrong usage or input.
`;

const TAIL = `.SH ENVIRONMENT OF THE PROGRAM
.TP
.BR LISTEN_PID ", " LISTEN_FDS ", " LISTEN_FDNAMES ", " LISTEN_PIDFDID
are set as
.BR systemd (1)
sets them. Everything else is as alfwrapper found it.
.SH EXIT STATUS
125 if alfwrapper itself fails, 126 if the program cannot be executed, 127 if it is not found, otherwise the program's
own.
.SH SEE ALSO
.BR systemd.socket (5),
.BR systemd-socket-activate (1),
.BR bpf (2),
.BR socket (7)
`;

/** The manual page in man(7) macros, made from the option table. */
export function manualPage(): string {
  return `${HEAD}${LAUNCH_OPTIONS.map(describe).join('')}${COMMANDS_HEAD}${COMMANDS.map(describeCommand).join('')}${TAIL}`;
}

function describeCommand({ name, usage, describe: what, options }: Command): string {
  const own = options.filter((option) => !OPTION_NAMES.includes(option.name));
  const title = `.SS alfwrapper ${name} ${roff(usage).replaceAll('…', '...')}\n`;
  return `${title}${sentence(what)}\n${own.map(describe).join('')}`;
}

const OPTION_NAMES: readonly string[] = LAUNCH_OPTIONS.map(({ name }) => name);

function describe(option: OptionSpec): string {
  const names = [...(option.alias === undefined ? [] : [`\\-${option.alias}`]), `\\-\\-${roff(option.name)}`];
  const value = option.value === undefined ? '' : ` " " \\fI${roff(option.value)}\\fR`;
  const repeat = option.repeatable ? ' May be repeated.' : '';
  const fallback = typeof option.default === 'string' ? ` Default: ${roff(option.default)}.` : '';
  return `.TP\n.BR ${names.join(' ", " ')}${value}\n${sentence(option.describe)}${repeat}${fallback}\n`;
}

function sentence(text: string): string {
  return `${roff(text.charAt(0).toUpperCase() + text.slice(1))}.`;
}

function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}
