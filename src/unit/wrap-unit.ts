import { AlfError, quote } from '../errors/index.js';
import { DROP_IN_NAME, type DropInLine, formatDropIn } from './drop-in.js';
import { type ExecCommand, formatExecCommand, parseExecLine } from './exec-line.js';
import type { Finding } from './findings.js';
import type { LoadedUnit, Wrapper } from './loaded-unit.js';
import { parseUnitFile, type UnitFile } from './parse-unit.js';
import { hiddenBy } from './programs.js';
import { missingSettings, type Requirement } from './requirements.js';
import { type Settings, settingsOf } from './settings.js';
import { warnOf } from './warnings.js';

/** A drop-in, and what to know about it. */
export interface WrappedUnit {
  readonly text: string;
  readonly warnings: readonly Finding[];
}

/**
 * Makes the drop-in that starts a service through alfwrapper.
 *
 * The commands of `ExecStart=` are kept as they are written, each after the wrapper. The process that systemd started becomes the
 * program, so `Type=`, `PIDFile=` and `NotifyAccess=` keep their meaning.
 *
 * @throws AlfError ALF_UNIT where a service cannot be started that way
 */
export function wrapUnit(unit: LoadedUnit, wrapper: Wrapper): WrappedUnit {
  const service = settingsOf(unit.files, 'Service');
  const values = service.list('ExecStart');
  const commands = values.flatMap(({ value }) => parseExecLine(value));
  refuseUnit(unit, service, commands, wrapper);
  const before = [`${wrapper.directory}/alfwrapper`, ...wrapper.words, '--'];
  const lines: DropInLine[] = [
    ...missingSettings(service, wrapper),
    ['ExecStart', ''],
    ...commands.map((command): Requirement => ['ExecStart', formatExecCommand(command, before)]),
  ];
  const sources = [...new Set(values.map(({ path }) => path))];
  const text = formatDropIn({ unit: unit.name, sources, lines });
  const placed = place(unit, parseUnitFile(text, DROP_IN_NAME));
  checkPlaced(unit.name, placed, wrapper, commands.length);
  return {
    text,
    warnings: warnOf({ service: settingsOf(placed, 'Service'), sockets: unit.sockets, wrapper }),
  };
}

/** Programs that succeed at once: a unit that starts one stands for others. */
const DOES_NOTHING = /^(\/usr)?\/bin\/true$/;

function refuseUnit(
  { name, parts }: LoadedUnit,
  service: Settings,
  commands: readonly ExecCommand[],
  wrapper: Wrapper,
): void {
  const refuse = (reason: string, hint: string) => {
    throw new AlfError('ALF_UNIT', `unable to wrap ${name}: ${reason}`, { hint });
  };
  if (commands.length === 0) refuse('it has no ExecStart=', 'give the service that starts the program');
  if (commands.every(({ program }) => DOES_NOTHING.test(program))) {
    const others = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
    refuse('it starts nothing but true', `give the service that starts the program${others}`);
  }
  for (const { program, argv0 } of commands) {
    if (/(^|\/)alfwrapper$/.test(program))
      refuse('it is started by alfwrapper already', 'change its options in the unit or drop-in that says so');
    // The basename is what programs of several names decide by; a login shell has a dash before it.
    if (argv0 !== undefined && baseOf(argv0.replace(/^[-@]/, '')) !== baseOf(program))
      refuse(
        `its program ${quote(program)} gets the name ${quote(argv0)} (prefix @), which alfwrapper does not pass on`,
        'start the program by that name, through a symbolic link',
      );
  }
  const root = ['RootDirectory', 'RootImage'].find((key) => service.last(key) !== undefined);
  if (root !== undefined)
    refuse(
      `alfwrapper is not below its ${root}=`,
      'install alfwrapper and Node.js there, and change ExecStart= by hand',
    );
  for (const path of [wrapper.directory, wrapper.node]) {
    const setting = hiddenBy(path, service);
    if (setting !== undefined)
      refuse(`its ${setting} hides ${path}`, 'install it elsewhere, such as in /opt');
  }
}

/** The files in their order, with the drop-in among them. */
function place({ files }: LoadedUnit, dropIn: UnitFile): UnitFile[] {
  const [unit, ...dropIns] = files;
  const isBefore = ({ path }: UnitFile) => baseOf(path) < DROP_IN_NAME;
  return [
    ...(unit === undefined ? [] : [unit]),
    ...dropIns.filter(isBefore),
    dropIn,
    ...dropIns.filter((file) => !isBefore(file)),
  ];
}

/** A later drop-in must not take back what this one says. */
function checkPlaced(name: string, files: readonly UnitFile[], wrapper: Wrapper, commands: number): void {
  const service = settingsOf(files, 'Service');
  const starts = service.list('ExecStart');
  const other = starts.find(({ path }) => path !== DROP_IN_NAME);
  const lost = missingSettings(service, wrapper)[0];
  const key = other !== undefined || starts.length !== commands ? 'ExecStart' : lost?.[0];
  if (key === undefined) return;
  const culprit = files.findLast(({ sections }) =>
    sections.some(({ entries }) => entries.some((entry) => entry.key === key)),
  );
  throw new AlfError(
    'ALF_UNIT',
    `unable to wrap ${name}: ${culprit?.path} comes after ${DROP_IN_NAME} and sets ${key}=`,
    { hint: `rename it so that it comes before: 40-${baseOf(culprit?.path ?? '')}` },
  );
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
