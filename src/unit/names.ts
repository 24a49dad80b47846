import { AlfError, quote } from '../errors/index.js';

/** Where a system manager looks for units, the first first: see systemd.unit(5). */
const SEARCH_PATH: readonly string[] = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/run/systemd/generator.late',
];

const SERVICE = '.service';
const SUFFIX = /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/;
const VALID = /^[\w:.\\-]+(@[\w:.\\-]*)?\.service$/;
const MAX_LENGTH = 255;

/**
 * Returns the directories that are searched for units.
 *
 * @param variable the value of SYSTEMD_UNIT_PATH: it replaces them, or precedes them if it ends with `:`
 */
export function searchPath(variable: string | undefined): readonly string[] {
  if (!variable) return SEARCH_PATH;
  const given = variable.split(':').filter((directory) => directory !== '');
  return variable.endsWith(':') ? [...given, ...SEARCH_PATH] : given;
}

/**
 * Completes the name of a service as systemctl(1) does: `ssh` is `ssh.service`.
 *
 * @throws AlfError ALF_USAGE if it is not the name of a service
 */
export function nameUnit(word: string): string {
  const name = SUFFIX.test(word) ? word : `${word}${SERVICE}`;
  if (VALID.test(name) && name.length <= MAX_LENGTH) return name;
  throw new AlfError('ALF_USAGE', `${quote(word)} does not name a service`, {
    hint: 'expected NAME.service or NAME@INSTANCE.service; a socket or timer starts a service of its own',
  });
}

/** Whether a name is the one of a template, `NAME@.service`, which is not started without an instance. */
export function isTemplate(name: string): boolean {
  return name.endsWith(`@${SERVICE}`);
}

/** The names of files that can define a unit, the first first: an instance may have one of its own. */
export function fragmentNames(name: string): readonly string[] {
  const template = templateOf(name);
  return template === undefined ? [name] : [name, template];
}

/**
 * The names of directories with drop-ins of a unit, for each directory of the search path, from special to general:
 * `a-b.service.d`, `a-.service.d`. `service.d` is for all services, and is searched last in all of them.
 */
export function dropInDirectories(name: string): readonly string[] {
  return fragmentNames(name)
    .flatMap((unit) => [unit, ...prefixesOf(unit)])
    .map((unit) => `${unit}.d`);
}

/** Drop-ins by the name of their file, which decides their order; of equal names the first counts. */
export function orderDropIns<T extends { readonly name: string }>(found: readonly T[]): readonly T[] {
  const byName = new Map<string, T>();
  for (const file of found) if (!byName.has(file.name)) byName.set(file.name, file);
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The name of an instance of the template that a file is, for a unit that is an instance of another name of it. */
export function instanceOf(template: string, name: string): string {
  const instance = /@(.*)\.service$/.exec(name)?.[1] ?? '';
  return template.replace(`@${SERVICE}`, `@${instance}${SERVICE}`);
}

/** The socket unit that passes sockets to a service unless one says otherwise. */
export function socketOf(name: string): string {
  return `${name.slice(0, -SERVICE.length)}.socket`;
}

function templateOf(name: string): string | undefined {
  const at = name.indexOf('@');
  return at < 0 || isTemplate(name) ? undefined : `${name.slice(0, at + 1)}${SERVICE}`;
}

/** `a-b-c.service`: `a-b-.service`, `a-.service`. */
function prefixesOf(unit: string): string[] {
  const name = unit.slice(0, -SERVICE.length);
  const stem = name.split('@')[0] ?? '';
  const ends = [...stem.matchAll(/-/g)].map(({ index }) => index + 1).filter((end) => end < stem.length);
  return ends.map((end) => `${stem.slice(0, end)}${SERVICE}`).reverse();
}
