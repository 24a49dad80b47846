import yargs from 'yargs';
import type { Command } from './commands/command.js';
import type { OptionSpec, OptionTable } from './option-spec.js';
import { COMMAND_NAMES, LAUNCH_OPTIONS, SHIPPED_FILTERS } from './options.js';

const USAGE = `Usage: alfwrapper [options] <filter> <program> [arguments…]
       alfwrapper [options] --allow PEERS … [--] <program> [arguments…]
       alfwrapper ${COMMAND_NAMES.join(' | ')} …

Opens listening sockets, attaches rules or a filter, locks them, and becomes the program.
The program finds the sockets at descriptors 3, 4, … (socket activation, LISTEN_FDS).

Filters: ${SHIPPED_FILTERS.join(', ')}, or your own FILTER.c or FILTER.bpf.o
Rules: allow|deny [in on IF] [proto P] [from PEERS [port P]] [to ADDRS [port P]]; first match wins`;

const EPILOGUE = `Examples:
  alfwrapper --port 8080 --allow private,2001:db8::/32 -- mydaemon --flag
  alfwrapper --port 8080 --policy web.rules -- mydaemon
  alfwrapper whitelist-private mydaemon

Exit status: 125 if alfwrapper itself fails, 126 if the program cannot be executed,
127 if it is not found, otherwise the program's own.`;

const WIDTH = 100;

/** The text of `--help`, laid out by yargs from the option table. */
export function helpText(): Promise<string> {
  return layOut(LAUNCH_OPTIONS, USAGE, EPILOGUE);
}

/** The text of `alfwrapper COMMAND --help`. */
export function commandHelp({ name, usage, describe, options }: Command): Promise<string> {
  const epilogue = 'Exit status: 0 yes or done, 1 no or failed, 2 wrong usage or input.';
  return layOut(options, `Usage: alfwrapper ${name} ${usage}\n\n${describe}`, epilogue);
}

function layOut(table: OptionTable, usage: string, epilogue: string): Promise<string> {
  const parser = yargs().scriptName('alfwrapper').usage(usage).epilogue(epilogue).wrap(WIDTH).locale('en');
  const known = parser.help(false).version(false).exitProcess(false);
  return table.reduce((all, option) => all.option(option.name, describe(option)), known).getHelp();
}

function describe(option: OptionSpec) {
  const { describe, group, alias, value, default: fallback } = option;
  const common = { describe: value === undefined ? describe : `${value}: ${describe}`, group };
  const named = alias === undefined ? common : { ...common, alias };
  if (value === undefined)
    return { ...named, type: 'boolean', ...(fallback === true ? { default: true } : {}) } as const;
  if (option.repeatable) return { ...named, type: 'string', array: true } as const;
  return { ...named, type: 'string', ...(fallback === undefined ? {} : { default: fallback }) } as const;
}
