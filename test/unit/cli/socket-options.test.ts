import { describe, expect, it } from 'vitest';
import { Options } from '../../../src/cli/given-options.js';
import type { OptionTable } from '../../../src/cli/option-spec.js';
import { parseOptions } from '../../../src/cli/parse-options.js';
import { SOCKET_OPTIONS } from '../../../src/cli/socket-option-table.js';
import { readSocketOptions } from '../../../src/cli/socket-options.js';
import { failureOf } from '../support/failure.js';

const TABLE: OptionTable = SOCKET_OPTIONS;

const read = (...argv: string[]) => readSocketOptions(new Options(TABLE, parseOptions(argv, TABLE).given));

describe('options of sockets', () => {
  it('are dual-stack and nothing else, if nothing is said', () => {
    expect(read()).toEqual({ 'ipv6-only': 0 });
    expect(read('--ipv6-only', 'default')).toEqual({});
  });

  it.each<[string, string, number | string]>([
    ['backlog', '0', 0],
    ['backlog', '2147483647', 0x7fffffff],
    ['ipv6-only', 'both', 0],
    ['ipv6-only', 'yes', 1],
    ['bind-to-device', 'eth0.100', 'eth0.100'],
    ['mark', '0xffffffff', 0xffffffff],
    ['mark', '7', 7],
    ['keep-alive-time', '2min', 120],
    ['keep-alive-time', '32767', 32767],
    ['keep-alive-interval', '90s', 90],
    ['keep-alive-probes', '127', 127],
    ['defer-accept', '1h', 3600],
    ['tcp-congestion', 'reno', 'reno'],
    ['timestamping', 'off', 'off'],
    ['timestamping', 'us', 'us'],
    ['timestamping', 'ns', 'ns'],
    ['ip-tos', 'low-delay', 16],
    ['ip-tos', 'throughput', 8],
    ['ip-tos', 'reliability', 4],
    ['ip-tos', 'low-cost', 2],
    ['ip-tos', '0xb8', 0xb8],
    ['ip-ttl', '255', 255],
    ['priority', '6', 6],
    ['receive-buffer', '8K', 8192],
    ['send-buffer', '1M', 1048576],
    ['send-buffer', '0', 0],
  ])('take --%s %s', (name, text, value) => {
    expect(read(`--${name}`, text)).toMatchObject({ [name]: value });
  });

  it.each(TABLE.filter(({ value }) => value === undefined).map(({ name }) => name))(
    'take --%s as a switch',
    (name) => {
      expect(read(`--${name}`)).toMatchObject({ [name]: 1 });
    },
  );

  it.each<[string, string, string]>([
    ['backlog', '-1', 'a number from 0 to 2147483647'],
    ['backlog', '2147483648', 'a number from 0 to 2147483647'],
    ['backlog', 'many', 'a number from 0 to 2147483647'],
    ['ipv6-only', 'no', 'one of: default, both, yes'],
    ['ipv6-only', 'toString', 'one of: default, both, yes'],
    ['bind-to-device', '', 'the name of an interface'],
    ['bind-to-device', 'a/b', 'the name of an interface'],
    ['bind-to-device', 'x'.repeat(16), 'the name of an interface'],
    ['mark', '4294967296', 'a number from 0 to 4294967295'],
    ['mark', '0x', 'a number from 0 to 4294967295'],
    ['keep-alive-time', '0', 'a time from 1 to 32767 seconds: 90, 90s, 2min, 1h'],
    ['keep-alive-time', '32768', 'a time from 1 to 32767 seconds: 90, 90s, 2min, 1h'],
    ['keep-alive-interval', '1d', 'a time from 1 to 32767 seconds: 90, 90s, 2min, 1h'],
    ['defer-accept', '10h', 'a time from 1 to 32767 seconds: 90, 90s, 2min, 1h'],
    ['keep-alive-probes', '0', 'a number from 1 to 127'],
    ['keep-alive-probes', '128', 'a number from 1 to 127'],
    ['tcp-congestion', 'a b', 'cubic, reno, bbr, …'],
    ['timestamping', 'ms', 'one of: off, us, ns'],
    ['ip-tos', '256', 'a number from 0 to 255, low-delay, throughput, reliability or low-cost'],
    ['ip-tos', 'fast', 'a number from 0 to 255, low-delay, throughput, reliability or low-cost'],
    ['ip-ttl', '0', 'a number from 1 to 255'],
    ['ip-ttl', '256', 'a number from 1 to 255'],
    ['priority', '1.5', 'a number from 0 to 2147483647'],
    ['receive-buffer', '1T', 'a number of bytes, optionally with K, M or G'],
    ['receive-buffer', '1G', 'a number of bytes, optionally with K, M or G'],
    ['send-buffer', '-1', 'a number of bytes, optionally with K, M or G'],
  ])('do not take --%s %j', (name, text, expected) => {
    expect(failureOf(() => read(`--${name}=${text}`))).toEqual({
      code: 'ALF_USAGE',
      message: `option --${name} does not take ${text === '' ? '""' : text.includes(' ') ? `"${text}"` : text}`,
      hint: `expected ${expected}`,
    });
  });
});
