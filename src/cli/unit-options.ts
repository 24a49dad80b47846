import type { OptionTable } from './option-spec.js';
import { HELP, JSON_OUTPUT, LAUNCH_OPTIONS } from './options.js';

/** Options of a launch that a unit has settings for, or that do not launch. */
const NOT_IN_UNITS: readonly string[] = [
  ...['accept', 'inetd', 'max-connections', 'max-per-source'],
  ...['user', 'group', 'chdir', 'umask', 'setenv'],
  ...['dry-run', 'json', 'version', 'help'],
];

const UNIT = { group: 'Unit:' } as const;

/** The options of `alfwrapper unit` that are not passed on to the launch. */
export const UNIT_ONLY_OPTIONS = [
  {
    ...UNIT,
    name: 'install',
    describe: 'write the drop-in to /etc/systemd/system, in place of one that was written before',
  },
  { ...UNIT, name: 'remove', describe: 'remove the drop-in that --install wrote' },
  {
    ...UNIT,
    name: 'pid-file',
    value: 'FILE',
    describe: 'PIDFile= for a service of Type=forking that does not say where its process ID is',
  },
  JSON_OUTPUT,
  HELP,
] as const satisfies OptionTable;

/** The options of `alfwrapper unit`: its own, and those of the launch that the unit is to do. */
export const UNIT_OPTIONS: OptionTable = [
  ...LAUNCH_OPTIONS.filter(({ name }) => !NOT_IN_UNITS.includes(name)),
  ...UNIT_ONLY_OPTIONS,
];
