import yargs, { type Argv } from 'yargs';
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

/**
 * A yargs parser made from the option table. It expects words from `cutCommandLine`, which leaves it no room for
 * guessing: every value is attached to its option.
 */
export function optionParser(): Argv {
  const parser = yargs()
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .scriptName('alfwrapper')
    .usage(USAGE)
    .epilogue(EPILOGUE)
    .wrap(100)
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false);
  return OPTIONS.reduce((known, option) => known.option(option.name, describe(option)), parser);
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
