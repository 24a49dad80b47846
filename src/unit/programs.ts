import type { Settings } from './settings.js';
import { parseWords } from './words.js';

/** PATH of services: DEFAULT_PATH of systemd, with the directories of unmerged systems. */
const SERVICE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The directories where alfwrapper will find node, when it is started by the unit. */
export function searchedForNode(service: Settings): readonly string[] {
  const words = service.list('Environment').flatMap(({ value }) => parseWords(value));
  const given = words.findLast(({ value }) => value.startsWith('PATH='))?.value.slice('PATH='.length);
  return (given ?? SERVICE_PATH).split(':').filter((directory) => directory.startsWith('/'));
}

/** The setting that hides a path from the processes of a unit; undefined if none does. */
export function hiddenBy(path: string, service: Settings): string | undefined {
  const shown = [...pathsOf(service, 'BindPaths'), ...pathsOf(service, 'BindReadOnlyPaths')];
  if (shown.some((bound) => isBelow(path, bound))) return undefined;
  for (const [key, directories] of hidingSettings(service))
    if (directories.some((directory) => isBelow(path, directory))) return `${key}=`;
  return undefined;
}

function hidingSettings(service: Settings): (readonly [key: string, directories: readonly string[]])[] {
  const hidesHome = service.on('ProtectHome') || service.last('ProtectHome') === 'tmpfs';
  const ownTmp = service.on('PrivateTmp') || service.last('PrivateTmp') === 'disconnected';
  return [
    ['ProtectHome', hidesHome ? ['/home', '/root', '/run/user'] : []],
    ['PrivateTmp', ownTmp || service.on('DynamicUser') ? ['/tmp', '/var/tmp'] : []],
    ['InaccessiblePaths', pathsOf(service, 'InaccessiblePaths')],
    ['TemporaryFileSystem', pathsOf(service, 'TemporaryFileSystem')],
  ];
}

/** The paths of a setting, without their prefixes and options. Of a bind mount, the path that it appears at. */
function pathsOf(service: Settings, key: string): string[] {
  const words = service.list(key).flatMap(({ value }) => parseWords(value));
  return words.map(({ value }) => {
    const [first = '', second] = value.replace(/^[-+]+/, '').split(':');
    return key.startsWith('Bind') ? (second ?? first) : first;
  });
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory.replace(/\/+$/, '')}/`);
}
