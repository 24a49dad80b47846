import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { failureOf } from '../support/failure.js';
import { listenerOf } from '../support/plans.js';

const words = (line: string) => line.split(' ').filter((word) => word !== '');

function configOf(line: string) {
  const command = parseCommandLine(words(line));
  if (command.kind !== 'launch') throw new Error(command.kind);
  return command.config;
}

const anyAddress = { ...listenerOf('::', 80), anyAddress: true } as const;
const asked = {
  implied: false,
  undeclared: 'filter',
  declared: [],
  newPrivileges: false,
  verbose: false,
} as const;
const implied = { ...asked, implied: true };

describe('interception', () => {
  it.each([
    ['--allow private p', implied],
    ['--deny any -- p', implied],
    ['--policy FILE p', implied],
    ['--rule default -v p', { ...implied, verbose: true }],
    ['--allow private --undeclared refuse p', { ...implied, undeclared: 'refuse' }],
    ['--allow private --allow-new-privs p', { ...implied, newPrivileges: true }],
    ['--allow private --intercept p', asked],
    ['--intercept f p', asked],
    ['--intercept --undeclared filter f p', asked],
    ['--intercept -l 80 f p', { ...asked, declared: [anyAddress] }],
    ['--intercept --port 80 f p', { ...asked, declared: [anyAddress] }],
    [
      '--intercept -l udp:192.0.2.1:53 -l 80 f p',
      {
        ...asked,
        declared: [listenerOf('192.0.2.1', 53, 'datagram'), anyAddress],
      },
    ],
    ['--intercept --undeclared refuse --no-new-privs f p', { ...asked, undeclared: 'refuse' }],
  ])('%s', (line, interception) => {
    expect(configOf(line)).toMatchObject({ interception, listeners: [] });
    expect(configOf(line).interception).toEqual(interception);
  });

  it.each([
    'f p',
    '--allow private -l 80 p',
    '--allow private --port 80 p',
    '--allow x --address ::1 p',
    '--deny x --type SOCK_DGRAM p',
  ])('is not asked for by: %s', (line) => {
    expect(configOf(line)).not.toHaveProperty('interception');
    expect(configOf(line).listeners).toHaveLength(1);
  });

  const alone =
    'without it alfwrapper opens the listeners, and those that the program opens itself are not filtered';
  const own = 'with --intercept the program opens its sockets itself';
  const noListener = 'without a listener the program opens its sockets itself (--intercept)';
  it.each([
    ['--undeclared refuse f p', 'option --undeclared needs --intercept', alone],
    ['--undeclared filter -l 80 --allow x p', 'option --undeclared needs --intercept', alone],
    ['--allow-new-privs -l 80 f p', 'option --allow-new-privs needs --intercept', alone],
    ['--intercept --fdname web f p', 'options --intercept and --fdname exclude each other', own],
    ['--intercept -l 80 --backlog 5 f p', 'options --intercept and --backlog exclude each other', own],
    ['--intercept --ipv6-only yes f p', 'options --intercept and --ipv6-only exclude each other', own],
    ['--intercept --socket-mode 0600 f p', 'options --intercept and --socket-mode exclude each other', own],
    ['--allow x --reuse-port p', 'option --reuse-port needs --listen', noListener],
    ['--allow x --fdname web p', 'option --fdname needs --listen', noListener],
    [
      '--intercept --undeclared drop f p',
      'option --undeclared does not take drop',
      'expected one of: filter, refuse',
    ],
    [
      '--intercept --allow-new-privs --no-new-privs f p',
      'options --allow-new-privs and --no-new-privs exclude each other',
      undefined,
    ],
  ])('is refused: %s', (line, message, hint) => {
    expect(failureOf(() => configOf(line))).toEqual({
      code: 'ALF_USAGE',
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  });
});
