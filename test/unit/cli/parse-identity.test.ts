import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { failureOf } from '../support/failure.js';

const identityOf = (line: string) => {
  const command = parseCommandLine([...line.split(' ').filter((word) => word !== ''), 'f', 'p']);
  return command.kind === 'launch' ? command.config.identity : undefined;
};

describe('who the program runs as', () => {
  it.each([
    ['', {}],
    ['--user www', { user: 'www' }],
    ['--user www:adm', { user: 'www', group: 'adm' }],
    ['--user 33:4', { user: '33', group: '4' }],
    ['--user www --group adm', { user: 'www', group: 'adm' }],
    ['--group adm', { group: 'adm' }],
    ['--chdir /srv', { directory: '/srv' }],
    ['--umask 27', { umask: 0o27 }],
    ['--umask 0027', { umask: 0o27 }],
    ['--umask 0', { umask: 0 }],
    ['--umask 777', { umask: 0o777 }],
    ['--no-new-privs --drop-caps', { noNewPrivs: true, dropCapabilities: true }],
  ])('%j', (line, identity) => {
    expect(identityOf(line)).toEqual(identity);
  });

  const user = 'expected USER or USER:GROUP, names or numbers';
  const umask = 'expected an octal number from 0 to 777';

  it.each([
    ['--user=', 'option --user does not take ""', user],
    ['--user :adm', 'option --user does not take :adm', user],
    ['--user www:', 'option --user does not take www:', user],
    ['--user www:adm:4', 'option --user does not take www:adm:4', user],
    [
      '--user www:adm --group adm',
      '--user www:adm and --group adm both name a group',
      'leave one of them out',
    ],
    ['--group=', 'option --group needs a name or a number', undefined],
    ['--chdir=', 'option --chdir needs the name of a directory', undefined],
    ['--umask=', 'option --umask does not take ""', umask],
    ['--umask 8', 'option --umask does not take 8', umask],
    ['--umask 1777', 'option --umask does not take 1777', umask],
    ['--umask u=rwx', 'option --umask does not take u=rwx', umask],
  ])('%s', (line, message, hint) => {
    const failure = failureOf(() => identityOf(line));
    expect(failure).toEqual({ code: 'ALF_USAGE', message, ...(hint === undefined ? {} : { hint }) });
  });
});
