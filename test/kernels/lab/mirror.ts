import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { LabError } from './failure.js';

/** Where the archives of Debian are fetched from. */
export interface Mirror {
  readonly main: string;
  readonly security: string;
}

const ONE_LINE = '/etc/apt/sources.list';
const PARTS = '/etc/apt/sources.list.d';

/**
 * Finds the mirror this machine itself uses.
 *
 * @throws LabError if no source of the machine is an archive of Debian
 */
export function findMirror(): Mirror {
  const uris = sourceFiles().flatMap((path) => urisOf(readFileSync(path, 'utf8')));
  const main = uris.find((uri) => /\/debian$/.test(uri));
  if (main === undefined)
    throw new LabError(
      'unable to find a Debian mirror: no source of this machine names one',
      'run it on Debian, where /etc/apt names a mirror',
    );
  const security = uris.find((uri) => /\/debian-security$/.test(uri));
  return { main, security: security ?? `${main}-security` };
}

/** The archives that a file of sources names, of either format, without a slash at the end. */
export function urisOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const words = lines.flatMap((line) => {
    const deb822 = /^URIs:\s*(.*)$/i.exec(line)?.[1];
    const oneLine = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)/.exec(line)?.[1];
    return (deb822 ?? oneLine ?? '').split(/\s+/);
  });
  return words.filter((word) => word !== '').map((uri) => uri.replace(/\/+$/, ''));
}

function sourceFiles(): string[] {
  const parts = existsSync(PARTS) ? readdirSync(PARTS).map((name) => `${PARTS}/${name}`) : [];
  return [...parts, ONE_LINE].filter((path) => /\.(sources|list)$/.test(path) && existsSync(path));
}
