import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { failureOf } from '../support/failure.js';
import { configOf, listenerOf } from '../support/plans.js';

const words = (line: string) => line.split(' ').filter((word) => word !== '');

function launchOf(line: string) {
  const command = parseCommandLine(words(line));
  if (command.kind !== 'launch') throw new Error(command.kind);
  return command;
}

/** A listener whose address is not written. */
const anyAddress = (port = 4242, type: 'stream' | 'datagram' = 'stream') =>
  ({ ...listenerOf('::', port, type), anyAddress: true }) as const;

describe('parseCommandLine', () => {
  it('has the defaults of alfwrapper 2017', () => {
    expect(parseCommandLine(['f', 'true'])).toEqual({
      kind: 'launch',
      filter: 'f',
      opening: { engine: 'auto', entry: undefined },
      program: 1,
      rules: [],
      dryRun: false,
      output: { verbose: false, quiet: false, json: false },
      config: configOf({ listeners: [anyAddress()], implied: true }),
    });
  });

  it('takes a listener that is named for meant', () => {
    for (const options of ['--port 4242', '-l 80', '--type SOCK_STREAM', '--address ::'])
      expect(launchOf(`${options} f p`).config.implied).toBe(false);
  });

  it.each([
    ['--address 127.0.0.1', listenerOf('127.0.0.1', 4242)],
    ['--address=fe80::1%lo', listenerOf('fe80::1%lo', 4242)],
    ['--port 0', anyAddress(0)],
    ['--port 080', anyAddress(80)],
    ['--port 80 --address ::1 --port=81', listenerOf('::1', 81)],
    ['--type SOCK_DGRAM', anyAddress(4242, 'datagram')],
    ['--type SOCK_STREAM --type SOCK_DGRAM --type SOCK_STREAM', anyAddress()],
    ['--address ::', listenerOf()],
  ])('%s', (options, expected) => {
    expect(launchOf(`${options} f p`).config.listeners).toEqual([expected]);
  });

  it.each([
    ['--no-lock', { lock: false }],
    ['--no-lock --lock', { lock: true }],
    ['--tier ebpf', { tier: 'ebpf' }],
    ['--tier auto', { tier: 'auto' }],
    ['--tier classic', { tier: 'classic' }],
    ['--tier steer', { tier: 'steer' }],
    ['--lock --no-lock', { lock: false }],
    ['--no-lock --lock --no-lock', { lock: false }],
    ['--tier bogus --tier ebpf', { tier: 'ebpf' }],
    ['--set a,0,1', { entries: [{ map: 'a', key: '0', value: '1' }] }],
    [
      '--set a,0x0,1e3 --set a,0,-1',
      {
        entries: [
          { map: 'a', key: '0x0', value: '1e3' },
          { map: 'a', key: '0', value: '-1' },
        ],
      },
    ],
  ])('%s', (options, expected) => {
    expect(launchOf(`${options} f p`).config).toMatchObject(expected);
  });

  it.each([
    ['-v', { verbose: true, quiet: false, json: false }, false],
    ['-vq', { verbose: true, quiet: true, json: false }, false],
    ['--quiet', { verbose: false, quiet: true, json: false }, false],
    ['--dry-run', { verbose: false, quiet: false, json: false }, true],
    ['--json --dry-run', { verbose: false, quiet: false, json: true }, true],
  ])('%s', (options, output, dryRun) => {
    expect(launchOf(`${options} f p`)).toMatchObject({ output, dryRun });
  });

  it.each([
    ['f p --port 80 -v --help --bogus', 1, ['p', '--port', '80', '-v', '--help', '--bogus']],
    ['--port 1 f p -- -- x', 3, ['p', '--', '--', 'x']],
    ['-- f p', 2, ['p']],
    ['f -- p --flag', 2, ['p', '--flag']],
    ['f -- -p', 2, ['-p']],
    ['-- f -- p', 3, ['p']],
  ])('%s: the program begins at word %i', (line, program, target) => {
    const command = launchOf(line);
    expect([command.filter, command.program, command.config.target]).toEqual(['f', program, target]);
  });

  it.each([
    ['--help', 'help'],
    ['-h', 'help'],
    ['--help --version', 'help'],
    ['--version', 'version'],
    ['--version f p', 'version'],
    ['--help --port x', 'help'],
  ])('%s is %s', (line, kind) => {
    expect(parseCommandLine(words(line))).toEqual({ kind });
  });
});

describe('parseCommandLine refuses', () => {
  const usage = 'expected: alfwrapper [options] <filter> <program> [arguments…]';
  const front = 'write options before the filter';

  it.each([
    ['', 'ALF_USAGE', 'no filter, no rules and no program given', usage],
    ['-v', 'ALF_USAGE', 'no filter, no rules and no program given', usage],
    ['--', 'ALF_USAGE', 'no filter, no rules and no program given', usage],
    ['f', 'ALF_USAGE', 'no program given after the filter f', usage],
    ['f --', 'ALF_USAGE', 'no program given after the filter f', usage],
    [
      'f --port 80 p',
      'ALF_USAGE',
      'option --port comes after the filter f, where the program is expected',
      front,
    ],
    ['f -v', 'ALF_USAGE', 'option -v comes after the filter f, where the program is expected', front],
    ['--json f p', 'ALF_USAGE', 'option --json needs --dry-run', undefined],
    [
      '--tier xdp f p',
      'ALF_USAGE',
      'option --tier does not take xdp',
      'expected one of: auto, ebpf, classic, steer',
    ],
    [
      '--tier= f p',
      'ALF_USAGE',
      'option --tier does not take ""',
      'expected one of: auto, ebpf, classic, steer',
    ],
    [
      '--type tcp f p',
      'ALF_USAGE',
      'option --type does not take tcp',
      'expected one of: SOCK_STREAM, SOCK_DGRAM',
    ],
    [
      '--type sock_stream f p',
      'ALF_USAGE',
      'option --type does not take sock_stream',
      'expected one of: SOCK_STREAM, SOCK_DGRAM',
    ],
    ['--port http f p', 'ALF_ADDRESS', 'http is not a port', 'expected a number from 0 to 65535'],
    ['--port --address f p', 'ALF_ADDRESS', '--address is not a port', 'expected a number from 0 to 65535'],
    [
      '--port "80" f p',
      'ALF_ADDRESS',
      String.raw`"\"80\"" is not a port`,
      'expected a number from 0 to 65535',
    ],
    ['--port 65536 f p', 'ALF_ADDRESS', '65536 is not a port', 'expected a number from 0 to 65535'],
    [
      '--address localhost f p',
      'ALF_ADDRESS',
      'localhost is not an IP address',
      'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
    ],
    [
      '--address [::1]:80 f p',
      'ALF_ADDRESS',
      '[::1]:80 is not an IP address',
      'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
    ],
    [
      '--set allow4,10.0.0.0/8 f p',
      'ALF_ENTRY',
      'allow4,10.0.0.0/8 is not a map entry',
      'expected MAP,KEY,VALUE with exactly two commas, as in allow4,0,192.0.2.0/24',
    ],
    ['--set-file allow4 f p', 'ALF_ENTRY', 'allow4 does not name a map and a file', 'expected MAP,FILE'],
    ['--set-file ,x f p', 'ALF_ENTRY', ',x does not name a map and a file', 'expected MAP,FILE'],
    ['--set-file allow4, f p', 'ALF_ENTRY', 'allow4, does not name a map and a file', 'expected MAP,FILE'],
  ])('%s', (line, code, message, hint) => {
    expect(failureOf(() => parseCommandLine(words(line)))).toEqual({
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  });
});

it('no value is taken for a number, and quotes stay', () => {
  const target = launchOf('f p "x" 0x10 1e3 007').config.target;
  expect(target).toEqual(['p', '"x"', '0x10', '1e3', '007']);
  expect(parseCommandLine(['--set', `a,'0',"x"`, 'f', 'p'])).toMatchObject({
    config: { entries: [{ map: 'a', key: `'0'`, value: '"x"' }] },
  });
});
