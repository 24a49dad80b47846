/** One option of the command line. Help, parsing and the manual page come from this table. */
export interface OptionSpec {
  readonly name: string;
  readonly alias?: string;
  /** What its value is called in the help; an option without one is a switch. */
  readonly value?: string;
  readonly describe: string;
  readonly default?: string | boolean;
  /** May be given more than once, every time counts. */
  readonly repeatable?: true;
  readonly group: 'Listening:' | 'Filter:' | 'Output:';
}

/** The options of launch mode, in the order of the help. */
export const OPTIONS = [
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
    describe: 'SOCK_STREAM (TCP) or SOCK_DGRAM (UDP)',
    group: 'Listening:',
  },
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
  {
    name: 'tier',
    value: 'TIER',
    default: 'auto',
    describe: 'how the filter is enforced: auto, ebpf, classic or steer',
    group: 'Filter:',
  },
  {
    name: 'lock',
    default: true,
    describe: 'lock the filter, so that the program cannot take it off (--no-lock leaves it open)',
    group: 'Filter:',
  },
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
  { name: 'help', alias: 'h', describe: 'print this help', group: 'Output:' },
] as const satisfies readonly OptionSpec[];

/** Finds an option by its long name or its letter. */
export function findOption(name: string): OptionSpec | undefined {
  const options: readonly OptionSpec[] = OPTIONS;
  return options.find((option) => option.name === name || option.alias === name);
}
