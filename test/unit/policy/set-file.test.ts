import { expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { parseSetFile } from '../../../src/policy/index.js';
import { formatSet } from '../../support/address-text.js';

const load = (text: string) => parseSetFile(new TextEncoder().encode(text), 'f');

const accepted: readonly [name: string, text: string, ranges: string[]][] = [
  ['nothing', '', []],
  ['comments', '# a\n; b\n\n \t#c\n', []],
  ['slashes before a comment', '// a\n10.0.0.1 // b\n', ['10.0.0.1-10.0.0.1']],
  ['netmasks', '10.0.0.0/255.0.0.0\n11/255.0.0.0\n', ['10.0.0.0-11.255.255.255']],
  ['short prefixes', '10/8\n192.0.2/24\n', ['10.0.0.0-10.255.255.255', '192.0.2.0-192.0.2.255']],
  [
    'wildcards',
    '10.*\n172.16.*.*\n192.0.2.*\n',
    ['10.0.0.0-10.255.255.255', '172.16.0.0-172.16.255.255', '192.0.2.0-192.0.2.255'],
  ],
  ['a byte order mark and CRLF', '\uFEFF10.0.0.0/8\r\n', ['10.0.0.0-10.255.255.255']],
  ['comments after entries', '10.0.0.1#a\n10.0.0.2;b\n10.0.0.3 ; c # d\n10.0.0.4;\n', ['10.0.0.1-10.0.0.4']],
  [
    'a netset',
    '#\n# firehol_level1\n#\n0.0.0.0/8\n1.10.16.0/20\n',
    ['0.0.0.0-0.255.255.255', '1.10.16.0-1.10.31.255'],
  ],
  ['a drop list', '; 2026\n1.10.16.0/20 ; SBL256894\n', ['1.10.16.0-1.10.31.255']],
  ['ranges, overlapping', '10.0.0.5-10.0.0.9\n10.0.0.1-10.0.0.6\n', ['10.0.0.1-10.0.0.9']],
  [
    'all addresses',
    '0.0.0.0/0\n::/0\n',
    ['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ],
  [
    'IPv6',
    '2001:DB8::/32\n::\n::1:2-::1:3\n',
    ['::-::', '::1:2-::1:3', '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ],
  [
    'IPv4-mapped',
    '::ffff:192.0.2.1\n::ffff:c000:202\n::ffff:192.0.2.4/126\n',
    ['192.0.2.1-192.0.2.2', '192.0.2.4-192.0.2.7'],
  ],
  ['an IPv4 tail', '64:ff9b::192.0.2.1\n', ['64:ff9b::c000:201-64:ff9b::c000:201']],
  [
    'ipset save',
    'create bad hash:net family inet hashsize 1024 maxelem 65536\nadd bad 10.0.0.0/8 timeout 0\nadd bad 192.0.2.1 comment "no # nomatch" # x\n',
    ['10.0.0.0-10.255.255.255', '192.0.2.1-192.0.2.1'],
  ],
  ['ipset add only', ' add süd 192.0.2.1\nadd süd 192.0.2.2\n', ['192.0.2.1-192.0.2.2']],
];

test.each(accepted)('accepts %s', (_, text, ranges) => {
  const { set, warnings } = load(text);
  expect(formatSet(set)).toEqual(ranges);
  expect(warnings).toEqual([]);
});

const ADDRESS = 'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)';
const NAMES = 'these are host names: expected addresses, as getent ahosts NAME prints them';
const COMMAS = "entries are separated by commas: tr ',' '\\n' <FILE; if they are ranges: tr ',' '-' <FILE";
const COLUMNS =
  "two addresses a line: awk '{print $1\"-\"$2}' FILE if they are ranges, else tr -s ' ' '\\n' <FILE";
const SEPARATED = "a semicolon starts a comment; if it separates entries: tr ';' '\\n' <FILE";
const refused: readonly [text: string, message: string, hint?: string][] = [
  ['# x\n 10.0.0.256', '2:2: 10.0.0.256 is not an IP address', ADDRESS],
  ['10.0.0.01', '1:1: 10.0.0.01 is not an IP address', ADDRESS],
  ['example.org', '1:1: example.org is not an IP address', NAMES],
  ['private', '1:1: private is not an IP address', ADDRESS],
  [
    '10.0.0.0/33',
    '1:1: 10.0.0.0/33 has the prefix length 33',
    'expected a number from 0 to 32 after the slash',
  ],
  [
    '10.0.0.0/08',
    '1:1: 10.0.0.0/08 has the prefix length 08',
    'expected a number from 0 to 32 after the slash',
  ],
  ['::/129', '1:1: ::/129 has the prefix length 129', 'expected a number from 0 to 128 after the slash'],
  ['1:2:3:4:5:6:7:8:9', '1:1: 1:2:3:4:5:6:7:8:9 is not an IP address', ADDRESS],
  [
    'fe80::1%eth0',
    '1:1: fe80::1%eth0 has a zone: expected an address without one',
    'leave out the zone and name the interface: in on IF',
  ],
  ['10.0.0.2-10.0.0.1', '1:1: 10.0.0.2-10.0.0.1 runs backwards: expected the lower address first'],
  ['10.0.0.2-::1', '1:1: 10.0.0.2-::1 mixes IPv4 and IPv6: expected two addresses of one family'],
  ['10.0.0.1 10.0.0.2', '1:10: unexpected 10.0.0.2: expected the end of the line', COLUMNS],
  ['1.2.3.4;5.6.7.8;\n', '1:8: unexpected 5.6.7.8 after a semicolon: expected a comment', SEPARATED],
  ['1.2.3.4 ; ::1\n', '1:9: unexpected ::1 after a semicolon: expected a comment', SEPARATED],
  ['1.2.3.4;10.0/16\n', '1:8: unexpected 10.0/16 after a semicolon: expected a comment', SEPARATED],
  ['1.2.3.4;192.168.*\n', '1:8: unexpected "192.168.*" after a semicolon: expected a comment', SEPARATED],
  ["1.2.3.4;'::1'\n", '1:8: unexpected "\'::1\'" after a semicolon: expected a comment', SEPARATED],
  ['1.2.3.0;24\n', '1:8: unexpected 24 after a semicolon: expected a comment', SEPARATED],
  ['10.0.0.1,10.0.0.2', '1:1: 10.0.0.1,10.0.0.2 is not an IP address', COMMAS],
  ['create', '1:7: unexpected end of the line: expected the name of an ipset'],
  ['add a', '1:6: unexpected end of the line: expected an address, prefix or range'],
  ['add a 10.0.0.1\nflush a\n', '2:1: unexpected flush: expected flush before the first entry only'],
  ['add a 10.0.0.0/8 nomatch', '1:18: unexpected nomatch: expected an entry without exceptions'],
  ['add a 10.0.0.0/8 comment "x" nomatch', '1:30: unexpected nomatch: expected an entry without exceptions'],
  [
    'create a hash:net\nadd b 10.0.0.1\n',
    '2:5: b is a second ipset: expected a only',
    'save one set a file: ipset save NAME',
  ],
  [
    'create a hash:ip netmask 24',
    '1:18: unexpected netmask: expected a set whose entries have prefix lengths of their own',
  ],
  ['add a 10.0.0.1,tcp:80', '1:7: 10.0.0.1,tcp:80 is not an IP address', ADDRESS],
];

test.each(refused)('refuses %j', (text, message, hint) => {
  expect(() => load(text)).toThrow(
    new AlfError('ALF_RULE', `f:${message}`, hint === undefined ? {} : { hint }),
  );
});

test('warns about a last line without a newline', () => {
  const location = { file: 'f', line: 2, column: 1 };
  const message = 'the last line does not end with a newline: the file may be cut off';
  for (const text of ['10.0.0.0/8\n10.0.0.1', '# a\nadd a 10.0.0.1', '10.0.0.1\n # b'])
    expect(load(text).warnings).toEqual([{ location, message }]);
});

test('warns once about host bits, and counts entries', () => {
  expect(load('10.0.0.1\n10.0.0.1/8\n').warnings).toEqual([
    {
      location: { file: 'f', line: 2, column: 1 },
      message: 'an entry has bits set below the prefix length; they are taken as those prefixes',
    },
  ]);
  const { entries, warnings } = load('10.0.0.0/8\n::ffff:10.0.0.1/97\n 2001:db8::1/32\n');
  expect(entries).toBe(3);
  expect(warnings).toEqual([
    {
      location: { file: 'f', line: 2, column: 1 },
      message:
        '2 entries, this one first, have bits set below the prefix length; they are taken as those prefixes',
    },
  ]);
});
