import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AlfError, quote } from '../errors/index.js';
import { readInput } from '../files/index.js';
import {
  DROP_IN_NAME,
  dropInDirectories,
  fragmentNames,
  instanceOf,
  isOwnDropIn,
  type LoadedUnit,
  nameUnit,
  orderDropIns,
  parseUnitFile,
  type SocketUnit,
  searchPath,
  settingsOf,
  socketOf,
  type UnitFile,
} from '../unit/index.js';

const MIB = 2 ** 20;
const MASK = '/dev/null';

/** Drop-ins of all services. */
const COMMON = 'service.d';

/**
 * Finds a service and its drop-ins as systemd does, and reads them. The drop-in of alfwrapper is left out.
 *
 * @param word the name of a service, or the path of its file
 * @param variable the value of SYSTEMD_UNIT_PATH
 * @throws AlfError ALF_USAGE for a name that is not one of a service, ALF_UNIT if there is none or it cannot be read
 */
export function readUnit(word: string, variable: string | undefined): LoadedUnit {
  const directories = searchPath(variable);
  const { name, file } = word.includes('/')
    ? { name: nameUnit(basename(word)), file: resolve(word) }
    : findFragment(nameUnit(word), directories);
  const files = [readUnitFile(file), ...findDropIns(name, directories)];
  const sockets = findSockets(name, files, directories);
  return { name, files, sockets, parts: findParts(name, directories) };
}

/** Follows a symbolic link to another name, which is an alias. */
function findFragment(name: string, directories: readonly string[]): { name: string; file: string } {
  const file = firstFile(fragmentNames(name), directories);
  if (file === undefined) {
    throw new AlfError('ALF_UNIT', `unable to find ${name}: no directory of units has it`, {
      hint: 'give the path of its file, or see: systemctl list-unit-files',
    });
  }
  const target = realpathSync(file);
  if (target === MASK || statSync(target).size === 0)
    throw new AlfError('ALF_UNIT', `unable to wrap ${name}: it is masked`, {
      hint: `see: systemctl unmask ${name}`,
    });
  const real = instanceOf(basename(target), name);
  return real === name || fragmentNames(name).includes(basename(target))
    ? { name, file }
    : findFragment(real, directories);
}

function firstFile(names: readonly string[], directories: readonly string[]): string | undefined {
  const paths = names.flatMap((name) => directories.map((directory) => `${directory}/${name}`));
  return paths.find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
}

function findDropIns(name: string, directories: readonly string[]): UnitFile[] {
  const own = directories.flatMap((directory) =>
    dropInDirectories(name).map((under) => `${directory}/${under}`),
  );
  const common = directories.map((directory) => `${directory}/${COMMON}`);
  const found = [...own, ...common].flatMap((directory) =>
    namesIn(directory, '.conf').map((file) => ({ name: file, path: `${directory}/${file}` })),
  );
  return orderDropIns(found).flatMap(({ name: file, path }) => {
    const text = readText(path);
    return file === DROP_IN_NAME && isOwnDropIn(text) ? [] : [parseUnitFile(text, path)];
  });
}

function findSockets(name: string, files: readonly UnitFile[], directories: readonly string[]): SocketUnit[] {
  const listed = settingsOf(files, 'Service')
    .list('Sockets')
    .flatMap(({ value }) => value.split(/\s+/));
  return [...new Set([...listed, socketOf(name)])].flatMap((socket) => {
    const file = firstFile([socket], directories);
    if (file === undefined) return [];
    const settings = settingsOf([readUnitFile(file)], 'Socket');
    const serves = settings.last('Service');
    return serves === undefined || serves === name ? [{ name: socket, accepts: settings.on('Accept') }] : [];
  });
}

/** The services that start and stop with this one. */
function findParts(name: string, directories: readonly string[]): string[] {
  const files = directories.flatMap((directory) =>
    namesIn(directory, '.service').map((file) => ({ name: file, path: `${directory}/${file}` })),
  );
  const parts = orderDropIns(files).filter(({ path }) => {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    const values = settingsOf([readUnitFile(path)], 'Unit').list('PartOf');
    return values.some(({ value }) => value.split(/\s+/).includes(name));
  });
  return parts.map((part) => part.name);
}

function namesIn(directory: string, suffix: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(suffix));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw new AlfError('ALF_UNIT', `unable to read the drop-ins in ${quote(directory)}`, {
      hint: 'run as root',
    });
  }
}

function readUnitFile(path: string): UnitFile {
  return parseUnitFile(readText(path), path);
}

function readText(path: string): string {
  return readInput(path, { code: 'ALF_UNIT', maxBytes: MIB }).bytes.toString();
}
