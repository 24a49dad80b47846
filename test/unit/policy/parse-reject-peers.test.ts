import { expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { parsePolicy } from '../../../src/policy/index.js';

const PEER = 'an address, prefix, range, @set or word';
const ENCODING = 'the file may be damaged or in another encoding';
const WORDS = 'the words are any, localhost, link-local, multicast, private, cgnat or documentation';
const ADDRESS = 'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)';
const SET_NAME = 'expected a letter or _, then letters, digits, _, . or -, 63 characters at most';
const NO_HOST = 'the addresses of a host name can change; write the addresses';
const LENGTH = 'expected a number from 0 to 32 after the slash';

/** Lists of peers that are refused, with all that is said about them. */
const refused: readonly [text: string, message: string, hint?: string][] = [
  ['allow from', `1:11: unexpected end of the text: expected ${PEER}`],
  ['allow from # who', `1:12: unexpected end of the line: expected ${PEER}`],
  ['allow from ,10.0.0.1', `1:12: unexpected ",": expected ${PEER}`],
  ['allow from 10.0.0.1,,10.0.0.2', `1:21: unexpected ",": expected ${PEER}`],
  ['allow from 10.0.0.1,', `1:21: unexpected end of the text: expected ${PEER}`],
  ['allow from ""', `1:12: unexpected "": expected ${PEER}`, WORDS],
  [
    'allow from 10.0.0.1 10.0.0.2',
    '1:21: unexpected 10.0.0.2: expected ",", port, to, limit, log or the end of the line',
  ],
  [
    'allow from any from any',
    '1:16: unexpected from: expected ",", port, to, limit, log or the end of the line',
  ],
  ['allow to any from any', '1:14: unexpected from: expected ",", port, limit, log or the end of the line'],
  [
    'allow from 10.0.0.1 prot 80',
    '1:21: unexpected prot: expected ",", port, to, limit, log or the end of the line',
  ],
  ['allow from to 10.0.0.1', `1:12: unexpected to: expected ${PEER}`, WORDS],
  ['allow from 300.1.1.1', '1:12: 300.1.1.1 is not an IP address', ADDRESS],
  ['allow from 10.0.0', '1:12: 10.0.0 is not an IP address', ADDRESS],
  ['allow from 010.0.0.1', '1:12: 010.0.0.1 is not an IP address', ADDRESS],
  ['allow from 10.0.0.0/33', '1:12: 10.0.0.0/33 has the prefix length 33', LENGTH],
  ['allow from 10.0.0.0/', '1:12: 10.0.0.0/ has the prefix length ""', LENGTH],
  ['allow from 10.0.0.0/255.0.0.0', '1:12: 10.0.0.0/255.0.0.0 has the prefix length 255.0.0.0', LENGTH],
  ['allow from ::1::', '1:12: ::1:: is not an IP address', ADDRESS],
  [
    'allow from 2001:db8::/129',
    '1:12: 2001:db8::/129 has the prefix length 129',
    'expected a number from 0 to 128 after the slash',
  ],
  [
    'allow from fe80::1%eth0',
    '1:12: fe80::1%eth0 has a zone: expected an address without one',
    'leave out the zone and name the interface: in on IF',
  ],
  [
    'allow from 10.0.0.9-10.0.0.1',
    '1:12: 10.0.0.9-10.0.0.1 runs backwards: expected the lower address first',
  ],
  ['allow from 10.0.0.1-::1', '1:12: 10.0.0.1-::1 mixes IPv4 and IPv6: expected two addresses of one family'],
  [
    'allow from ::1-::ffff:10.0.0.1',
    '1:12: ::1-::ffff:10.0.0.1 mixes IPv4 and IPv6: expected two addresses of one family',
  ],
  [
    'allow from 10.0.0.0/8-11.0.0.0/8',
    '1:12: 10.0.0.0/8-11.0.0.0/8 is a range between prefixes: expected two addresses',
  ],
  ['allow from 10.0.0.1-', '1:12: 10.0.0.1- is not a range: "" is not an IP address', ADDRESS],
  ['allow from -10.0.0.1', '1:12: -10.0.0.1 is not a range: "" is not an IP address', ADDRESS],
  [
    'allow from 10.0.0.1-10.0.0.2-10.0.0.3',
    '1:12: 10.0.0.1-10.0.0.2-10.0.0.3 is not a range: 10.0.0.2-10.0.0.3 is not an IP address',
    ADDRESS,
  ],
  [
    'allow from 10.0.0.1 - 10.0.0.2',
    '1:21: unexpected -: expected ",", port, to, limit, log or the end of the line',
  ],
  ['allow from @', `1:12: @ does not name a set: ${SET_NAME}`],
  ['allow from @1x', `1:12: @1x does not name a set: ${SET_NAME}`],
  ['allow from bad_name!', `1:12: unexpected "bad_name!": expected ${PEER}`, WORDS],
  ['allow from 0x7f000001', `1:12: unexpected 0x7f000001: expected ${PEER}`, WORDS],
  ['allow from a..b', `1:12: unexpected a..b: expected ${PEER}`, WORDS],
  ['deny from example.org', `1:11: example.org is a host name in a deny rule: expected ${PEER}`, NO_HOST],
  ['deny to example.org', `1:9: example.org is a host name in a deny rule: expected ${PEER}`, NO_HOST],
  ['allow from "10.0.0.1', '1:12: the quoted text does not end: expected a closing " on the same line'],
  ['allow from 10.0.0.1\\', `1:12: unexpected "10.0.0.1\\\\": expected ${PEER}`, WORDS],
  ['allow from any\0', '1:15: the character U+0000 has no place in rules', ENCODING],
  ['allow from any # \u001b[2J', '1:18: the character U+001B has no place in rules', ENCODING],
  ['\nset x { 10.0.0.1\u202e }', '2:17: the character U+202E has no place in rules', ENCODING],
];

test.each(refused)('%j', (text, message, hint) => {
  expect(() => parsePolicy(text, 'r')).toThrow(
    new AlfError('ALF_RULE', `r:${message}`, hint === undefined ? {} : { hint }),
  );
});
