import { describe, expect, it } from 'vitest';
import { formatPrefix, parsePrefix } from '../../../src/net/index.js';
import { type Failure, failureOf } from '../support/failure.js';

describe('parsePrefix accepts', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.0/24', false],
    ['192.0.2.1', '192.0.2.1/32', false],
    ['0.0.0.0/0', '0.0.0.0/0', false],
    ['10.0.0.1/0', '0.0.0.0/0', true],
    ['127.0.0.1/24', '127.0.0.0/24', true],
    ['127.0.0.1/32', '127.0.0.1/32', false],
    ['10.255.255.255/9', '10.128.0.0/9', true],
    ['192.0.2.255/31', '192.0.2.254/31', true],
    ['::/0', '::/0', false],
    ['::1', '::1/128', false],
    ['2001:db8::/32', '2001:db8::/32', false],
    ['2001:db8::1/32', '2001:db8::/32', true],
    ['fe80::1/127', 'fe80::/127', true],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33', true],
  ])('%s as %s (host bits: %s)', (text, expected, hostBits) => {
    const parsed = parsePrefix(text);
    expect(formatPrefix(parsed.prefix)).toBe(expected);
    expect(parsed.hostBits).toBe(hostBits);
  });
});

const address = (text: string): Failure => ({
  code: 'ALF_ADDRESS',
  message: `${text} is not an IP address`,
  hint: 'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
});

const length = (text: string, length: string, bits: number): Failure => ({
  code: 'ALF_ADDRESS',
  message: `${text} has the prefix length ${length}`,
  hint: `expected a number from 0 to ${bits} after the slash`,
});

describe('parsePrefix refuses', () => {
  it.each<[text: string, expected: Failure]>([
    ['', address('""')],
    ['/8', address('""')],
    ['10.0.0/8', address('10.0.0')],
    ['10/8', address('10')],
    ['example.org/24', address('example.org')],
    ['10.0.0.0/33', length('10.0.0.0/33', '33', 32)],
    ['10.0.0.0/', length('10.0.0.0/', '""', 32)],
    ['10.0.0.0/-1', length('10.0.0.0/-1', '-1', 32)],
    ['10.0.0.0/+8', length('10.0.0.0/+8', '+8', 32)],
    ['10.0.0.0/08', length('10.0.0.0/08', '08', 32)],
    ['10.0.0.0/8.0', length('10.0.0.0/8.0', '8.0', 32)],
    ['10.0.0.0/8/8', length('10.0.0.0/8/8', '8/8', 32)],
    ['10.0.0.0/ 8', length('"10.0.0.0/ 8"', '" 8"', 32)],
    ['10.0.0.0/255.0.0.0', length('10.0.0.0/255.0.0.0', '255.0.0.0', 32)],
    ['10.0.0.0/0x8', length('10.0.0.0/0x8', '0x8', 32)],
    ['::/129', length('::/129', '129', 128)],
    ['::1/1000', length('::1/1000', '1000', 128)],
    [
      'fe80::%eth0/64',
      { code: 'ALF_ADDRESS', message: 'fe80::%eth0/64 has a zone; a prefix cannot have one' },
    ],
  ])('%j', (text, expected) => {
    expect(failureOf(() => parsePrefix(text))).toEqual(expected);
  });
});
