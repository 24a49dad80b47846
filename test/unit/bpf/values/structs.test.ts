import { describe, expect, it } from 'vitest';
import { encodeValue, machine } from '../../support/entries.js';
import { failureOf } from '../../support/failure.js';

const ONE6 = `${'00'.repeat(15)}01`;

describe('structs of ebpf/include/alf/types.h', () => {
  it.each([
    ['address4', '192.0.2.1', 'c0000201'],
    ['address6', '::1', ONE6],
    ['address6', '::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['subnet4', '10.0.0.0/8', '080000000a000000'],
    ['subnet4', '192.0.2.1', '20000000c0000201'],
    ['subnet4', '0.0.0.0/0', '0000000000000000'],
    ['subnet6', '::1/128', `80000000${ONE6}`],
    ['subnet6', '2001:db8::/32', '2000000020010db8000000000000000000000000'],
    ['interface', 'lo', '01000000'],
    ['interface', 'eth0', '02000000'],
    ['portnumber', '258', '0102'],
    ['portnumber', '65535', 'ffff'],
    ['portnumber', '0', '0000'],
    ['index', '7', '07000000'],
  ])('%s takes %s', (type, text, expected) => {
    expect(encodeValue(type, text)).toBe(expected);
  });

  it.each([
    ['subnet4', '10.0.0.0/8', '000000080a000000'],
    ['interface', 'lo', '00000001'],
    ['portnumber', '258', '0102'],
    ['index', '7', '00000007'],
    ['address4', '192.0.2.1', 'c0000201'],
  ])('%s takes %s for a big-endian machine', (type, text, expected) => {
    expect(encodeValue(type, text, machine(false))).toBe(expected);
  });
});

const ADDRESS = 'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)';

describe('structs refuse', () => {
  it.each([
    ['address4', '::1', '::1 is not an IPv4 address', 'expected an IPv4 address'],
    ['address4', '192.0.2.0/24', '192.0.2.0/24 is not an IP address', ADDRESS],
    ['address4', 'localhost', 'localhost is not an IP address', ADDRESS],
    ['address6', '192.0.2.1', '192.0.2.1 is not an IPv6 address', 'expected an IPv6 address'],
    ['address6', 'fe80::1%eth0', 'fe80::1%eth0 is not an IPv6 address', 'expected an IPv6 address'],
    ['subnet4', '::1/128', '::1/128 is not an IPv4 prefix', 'expected an IPv4 prefix (192.0.2.0/24)'],
    [
      'subnet4',
      '10.0.0.0/33',
      '10.0.0.0/33 has the prefix length 33',
      'expected a number from 0 to 32 after the slash',
    ],
    ['subnet4', '10.0.0.0-10.0.0.9', '10.0.0.0-10.0.0.9 is not an IP address', ADDRESS],
    ['subnet6', '10.0.0.0/8', '10.0.0.0/8 is not an IPv6 prefix', 'expected an IPv6 prefix (2001:db8::/32)'],
    [
      'subnet6',
      'fe80::%eth0/10',
      'fe80::%eth0/10 has a zone; a prefix cannot have one',
      'expected an IPv6 prefix (2001:db8::/32)',
    ],
    ['interface', 'eth9', 'no such network interface: eth9', 'see: ip link show'],
    ['interface', '1', 'no such network interface: 1', 'see: ip link show'],
    ['portnumber', '65536', '65536 is not a port', 'expected a number from 0 to 65535'],
    ['portnumber', 'http', 'http is not a port', 'expected a number from 0 to 65535'],
    ['index', '-1', '-1 is out of range', 'expected a number from 0 to 4294967295'],
  ])('%s: %s', (type, text, reason, hint) => {
    expect(failureOf(() => encodeValue(type, text))).toEqual({
      code: 'ALF_ENTRY',
      message: `the value of map,0,${text} is wrong: ${reason}`,
      hint,
    });
  });
});

it('says which prefix it takes if host bits are set', () => {
  const context = machine();
  expect(encodeValue('subnet4', '127.0.0.1/24', context)).toBe('180000007f000000');
  expect(encodeValue('subnet6', '2001:db8::1/32', context)).toBe('2000000020010db8000000000000000000000000');
  expect(context.warnings).toEqual([
    '127.0.0.1/24 has host bits set, taken as 127.0.0.0/24',
    '2001:db8::1/32 has host bits set, taken as 2001:db8::/32',
  ]);
});
