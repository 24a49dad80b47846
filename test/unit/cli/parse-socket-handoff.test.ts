import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { failureOf } from '../support/failure.js';

const passingOf = (line: string) => {
  const command = parseCommandLine([...line.split(' ').filter((word) => word !== ''), 'f', 'p']);
  return command.kind === 'launch' ? command.config.passing : undefined;
};

const ALL = { maxConnections: 64, maxPerSource: 0, quiet: false };

describe('how the program gets its sockets', () => {
  it.each([
    ['', undefined],
    ['--accept', { pass: 'connection', ...ALL }],
    ['--accept --inetd', { pass: 'connection-stdio', ...ALL }],
    ['--inetd', { pass: 'listener' }],
    ['--inetd --listen udp:69', { pass: 'listener' }],
    ['--inetd --listen unix-dgram:@log', { pass: 'listener' }],
    ['--accept --listen 80 --listen @web --listen unix-seqpacket:@s', { pass: 'connection', ...ALL }],
    ['-q --accept --max-connections 1', { pass: 'connection', ...ALL, maxConnections: 1, quiet: true }],
    ['--accept --max-connections 65536', { pass: 'connection', ...ALL, maxConnections: 65536 }],
    ['--accept --max-per-source 3', { pass: 'connection', ...ALL, maxPerSource: 3 }],
  ])('%j', (line, passing) => {
    expect(passingOf(line)).toEqual(passing);
  });

  const count = 'expected a number from 1 to 65536';
  const itself = 'without it the program accepts connections itself';
  const named = 'a connection is always called "connection", standard input has no name';

  it.each([
    ['--max-connections 3', 'option --max-connections needs --accept', itself],
    ['--inetd --max-per-source 3', 'option --max-per-source needs --accept', itself],
    ['--accept --max-connections 0', 'option --max-connections does not take 0', count],
    ['--accept --max-connections 65537', 'option --max-connections does not take 65537', count],
    ['--accept --max-connections=-1', 'option --max-connections does not take -1', count],
    ['--accept --max-per-source=', 'option --max-per-source does not take ""', count],
    ['--accept --max-per-source 1e2', 'option --max-per-source does not take 1e2', count],
    ['--accept --fdname web', 'options --accept and --fdname exclude each other', named],
    ['--inetd --fdname web', 'options --inetd and --fdname exclude each other', named],
  ])('%s', (line, message, hint) => {
    expect(failureOf(() => passingOf(line))).toEqual({ code: 'ALF_USAGE', message, hint });
  });
});
