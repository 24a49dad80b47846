import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError, reasonOf } from './failure.js';
import { findMirror } from './mirror.js';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SUITES = ['bookworm', 'trixie', 'trixie-backports', 'sid'];
const SECURITY_SUITES = ['bullseye-security', 'bookworm-security', 'trixie-security'];
const DAY_MS = 24 * 3600 * 1000;

/** A version of a package, in one suite. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly suite: string;
}

/** apt with sources, lists and a cache of its own: those of the machine are neither read nor changed. */
export interface Apt {
  /** Fetches the lists, unless that was done within a day. @returns whether it did @throws LabError without network */
  refresh(): boolean;
  /** When the lists were last fetched, as Date.now() says it; 0 if never. */
  refreshedMs(): number;
  /** Every version of the packages whose name matches, in every suite. */
  find(name: RegExp): Package[];
  /** What an installation of a package on an empty machine would install, from one suite where it can. */
  closure(name: string, suite: string): Package[];
  /** Downloads packages and unpacks them into a directory. @throws LabError without network */
  unpack(packages: readonly Pick<Package, 'name' | 'version'>[], into: string): void;
}

/** @param directory where sources, lists and cache are kept */
export function openApt(directory: string): Apt {
  const stamp = join(directory, 'refreshed');
  for (const path of ['parts', 'lists/partial', 'cache/archives/partial'])
    mkdirSync(join(directory, path), { recursive: true });
  writeFileSync(join(directory, 'status'), '');

  const run = (command: 'get' | 'cache', args: readonly string[], cwd = directory): string => {
    const settings = {
      'Dir::Etc::SourceList': join(directory, 'sources.list'),
      'Dir::Etc::SourceParts': join(directory, 'parts'),
      'Dir::State::Lists': join(directory, 'lists'),
      'Dir::State::status': join(directory, 'status'),
      'Dir::Cache': join(directory, 'cache'),
      'APT::Architecture': 'amd64',
      'APT::Sandbox::User': '',
      'APT::Install-Recommends': 'false',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '2',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const env = { ...process.env, LC_ALL: 'C' };
    return execFileSync(`apt-${command}`, [...options, ...args], {
      ...{ cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };

  const refreshedMs = () => statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;

  return {
    refreshedMs,
    refresh() {
      if (Date.now() - refreshedMs() < DAY_MS) return false;
      const { main, security } = findMirror();
      const sources = [
        ...SUITES.map((suite) => `deb [signed-by=${KEYRING}] ${main} ${suite} main`),
        ...SECURITY_SUITES.map((suite) => `deb [signed-by=${KEYRING}] ${security} ${suite} main`),
      ];
      writeFileSync(join(directory, 'sources.list'), `${sources.join('\n')}\n`);
      attempt('fetch the lists of packages', () => run('get', ['update', '--error-on=any', '-qq']));
      writeFileSync(stamp, '');
      return true;
    },
    find(name) {
      const names = run('cache', ['pkgnames', literalStart(name)]).split('\n');
      return parseVersions(run('cache', ['madison', ...names.filter((found) => name.test(found))]));
    },
    closure: (name, suite) =>
      parseSimulation(attempt(`resolve ${name}`, () => run('get', ['install', '-s', '-t', suite, name]))),
    unpack(packages, into) {
      const downloads = join(into, 'downloads');
      mkdirSync(downloads, { recursive: true });
      const wanted = packages.map(({ name, version }) => `${name}=${version}`);
      attempt(`download ${wanted[0]}`, () => run('get', ['download', '-qq', ...wanted], downloads));
      for (const file of readdirSync(downloads)) execFileSync('dpkg', ['-x', join(downloads, file), into]);
      rmSync(downloads, { recursive: true });
    },
  };
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new LabError(`unable to ${what}: ${reasonOf(error)}`, 'see whether the mirror can be reached');
  }
}

/** The letters every match of a pattern starts with, for apt to look up. */
function literalStart(pattern: RegExp): string {
  return /^\^?([\w-]*)/.exec(pattern.source)?.[1] ?? '';
}

/** Reads `apt-cache madison`: `name | version | archive suite/component architecture Packages`. */
export function parseVersions(text: string): Package[] {
  return text.split('\n').flatMap((line) => {
    const [name, version, source] = line.split('|').map((field) => field.trim());
    const suite = source?.split(' ')[1]?.split('/')[0];
    return name && version && suite ? [{ name, version, suite }] : [];
  });
}

/** Reads `apt-get -s install`: `Inst name (version Archive:release/suite [architecture])`. */
export function parseSimulation(text: string): Package[] {
  return [...text.matchAll(/^Inst (\S+) \((\S+) \S*\/(\S+) /gm)].map(
    ([, name = '', version = '', suite = '']) => ({
      ...{ name, version, suite },
    }),
  );
}
