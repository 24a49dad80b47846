import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../../src/net/index.js';
import { failureOf } from '../support/failure.js';

describe('parseAddress accepts', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['192.0.2.1', '192.0.2.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['0::0', '::'],
    ['::1', '::1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['fe80::1%2', 'fe80::1%2'],
    ['fe80::1%br-lan.7', 'fe80::1%br-lan.7'],
  ])('%s as %s', (text, expected) => {
    expect(formatAddress(parseAddress(text))).toBe(expected);
  });

  it('bytes in network order', () => {
    expect(parseAddress('192.0.2.1')).toEqual({ family: 4, bytes: [192, 0, 2, 1], zone: '' });
    expect(parseAddress('fe80::102%lo')).toEqual({
      family: 6,
      bytes: [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2],
      zone: 'lo',
    });
  });
});

describe('parseAddress refuses', () => {
  it.each([
    ['nothing', ''],
    ['a host name', 'localhost'],
    ['three parts', '10.0.1'],
    ['five parts', '10.0.0.0.1'],
    ['a part of 256', '10.0.0.256'],
    ['a leading zero', '010.0.0.1'],
    ['a hexadecimal part', '0x7f.0.0.1'],
    ['one number', '2130706433'],
    ['an empty part', '10..0.1'],
    ['a prefix length', '10.0.0.0/8'],
    ['a port', '127.0.0.1:80'],
    ['a zone on IPv4', '169.254.0.1%eth0'],
    ['a wildcard', '*'],
    ['space in front', ' 10.0.0.1'],
    ['space after it', '10.0.0.1 '],
    ['a line break after it', '10.0.0.1\n'],
    ['a negative part', '10.0.0.-1'],
    ['full-width digits', '１0.0.0.1'],
    ['brackets', '[::1]'],
    ['brackets and port', '[::1]:80'],
    ['three colons', ':::'],
    ['two gaps', '1::2::3'],
    ['five digits', '12345::'],
    ['a letter after f', '::g'],
    ['nine groups', '1:2:3:4:5:6:7:8:9'],
    ['seven groups', '1:2:3:4:5:6:7'],
    ['a colon at the end', '::1:'],
    ['an IPv6 prefix length', '::1/128'],
    ['a zone without a name', 'fe80::1%'],
    ['two zones', 'fe80::1%a%b'],
    ['a zone with a space', 'fe80::1%a b'],
    ['a zone with a slash', 'fe80::1%a/64'],
    ['IPv4 inside with a leading zero', '::ffff:192.0.02.1'],
    ['IPv4 inside cut short', '::ffff:192.0.2'],
    ['IPv4 inside out of range', '::ffff:192.0.2.256'],
  ])('%s: %j', (_, text) => {
    const shown = /^[\w@%+=:,./[\]-]+$/.test(text) ? text : JSON.stringify(text);
    expect(failureOf(() => parseAddress(text))).toEqual({
      code: 'ALF_ADDRESS',
      message: `${shown} is not an IP address`,
      hint: 'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
    });
  });
});
