import yargs from 'yargs';
import { OPTIONS, type OptionSpec } from './options.js';

const USAGE = `Usage: alfwrapper [options] <filter> <program> [arguments…]

Opens a listening socket, puts the filter on it, locks it, and becomes the program,
which finds the socket at descriptor 3 (socket activation, LISTEN_FDS).

Filters: whitelist-private, whitelist, subnets, interfaces, knocking, or your own FILTER.bpf.o`;

const EPILOGUE = `Examples:
  alfwrapper whitelist-private mydaemon --flag
  alfwrapper --port 8080 --set allow4,0,192.0.2.0/24 --set allow6,0,2001:db8::/32 whitelist mydaemon

Exit status: 125 if alfwrapper itself fails, 126 if the program cannot be executed,
127 if it is not found, otherwise the program's own.`;

const WIDTH = 100;

/** The text of `--help`, laid out by yargs from the option table. */
export function helpText(): Promise<string> {
  const parser = yargs().scriptName('alfwrapper').usage(USAGE).epilogue(EPILOGUE).wrap(WIDTH).locale('en');
  const known = parser.help(false).version(false).exitProcess(false);
  return OPTIONS.reduce((all, option) => all.option(option.name, describe(option)), known).getHelp();
}

function describe(option: OptionSpec) {
  const { describe, group, alias, value, default: fallback } = option;
  const common = { describe: value === undefined ? describe : `${value}: ${describe}`, group };
  const named = alias === undefined ? common : { ...common, alias };
  if (value === undefined)
    return { ...named, type: 'boolean', ...(fallback === true ? { default: true } : {}) } as const;
  if (option.repeatable) return { ...named, type: 'string', array: true } as const;
  return { ...named, type: 'string', default: fallback } as const;
}
