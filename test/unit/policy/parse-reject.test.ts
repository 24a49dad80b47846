import { expect, test } from 'vitest';
import { AlfError, quote } from '../../../src/errors/index.js';
import { parsePolicy } from '../../../src/policy/index.js';

const PEER = 'an address, prefix, range, @set or word';
const WORDS = 'the words are any, localhost, link-local, multicast, private, cgnat or documentation';
const CLAUSES = 'expected in, proto, from, to, limit, log or the end of the line';
const SET_NAME = 'expected a letter or _, then letters, digits, _, . or -, 63 characters at most';
const INTERFACE = 'expected letters, digits, _, ., - and @, 127 at most, no wildcards';
const PORT = 'expected a number from 0 to 65535';
const PROTOCOL =
  'expected icmp, igmp, tcp, udp, dccp, gre, esp, ah, icmpv6, sctp, udplite, unix or a number from 0 to 255';
const PORTLESS = 'port without proto means tcp and udp; write a rule of its own for other protocols';
const RATE = 'for example 10/second or 3/minute';
const DURATION = 'for example 30s, 5m, 12h or 1d';

/** Text that is refused outside of lists of peers, with all that is said about it. */
const refused: readonly [text: string, message: string, hint?: string][] = [
  ['permit from any', '1:1: unexpected permit: expected allow, deny, default or set'],
  ['Allow', '1:1: unexpected Allow: expected allow, deny, default or set'],
  ['allow,', `1:6: unexpected ",": ${CLAUSES}`],
  ['"allow"', '1:1: unexpected "allow": expected allow, deny, default or set'],
  ['allow form any', `1:7: unexpected form: ${CLAUSES}`],
  ['allow port 80', `1:7: unexpected port: ${CLAUSES}`],
  ['allow from port 80', `1:12: unexpected port: expected ${PEER}`, WORDS],
  [
    'set x { example.org }',
    `1:9: example.org is a host name in a set: expected ${PEER}`,
    'a deny rule may use the set; name the host in the allow rule',
  ],
  ['allow in eth0', '1:10: unexpected eth0: expected on'],
  ['allow in on', '1:12: unexpected end of the text: expected an interface name'],
  ['allow in on eth*', `1:13: "eth*" is not an interface name: ${INTERFACE}`],
  [
    `allow in on ${'n'.repeat(128)}`,
    `1:13: ${quote('n'.repeat(128))} is not an interface name: ${INTERFACE}`,
  ],
  ['allow in on eth0,', '1:18: unexpected end of the text: expected an interface name'],
  ['allow in on ..', `1:13: .. is not an interface name: ${INTERFACE}`],
  ['allow proto', '1:12: unexpected end of the text: expected a protocol'],
  ['allow proto tpc', `1:13: tpc is not a protocol: ${PROTOCOL}`],
  ['allow proto 256', `1:13: 256 is not a protocol: ${PROTOCOL}`],
  ['allow proto tcp,', '1:17: unexpected end of the text: expected a protocol'],
  [
    'allow proto icmp to any port 80',
    '1:7: proto icmp goes with no port: expected tcp, udp or both',
    PORTLESS,
  ],
  [
    'allow proto tcp,icmp to any port 80',
    '1:7: proto icmp goes with no port: expected tcp, udp or both',
    PORTLESS,
  ],
  ['allow to any port', '1:18: unexpected end of the text: expected a port or a range of ports'],
  ['allow to any port 65536', '1:19: 65536 is not a port', PORT],
  ['allow to any port http', '1:19: http is not a port', PORT],
  ['allow to any port 90-80', '1:19: 90-80 runs backwards: expected the lower port first'],
  ['allow to any port 80-', '1:19: 80- is not a range of ports: "" is not a port', PORT],
  ['allow to any port 80:90', '1:19: 80:90 is not a port', PORT],
  ['allow to any port any', '1:19: any is not a port', PORT],
  ['allow to any port 80,', '1:22: unexpected end of the text: expected a port or a range of ports'],
  ['allow limit', '1:12: unexpected end of the text: expected a rate'],
  ['allow limit 10', '1:13: 10 is not a rate: expected N/second or N/minute', RATE],
  ['allow limit 0/second', '1:13: 0/second is not a rate: expected N/second or N/minute', RATE],
  ['allow limit 10/hour', '1:13: 10/hour is not a rate: expected N/second or N/minute', RATE],
  ['allow limit 10/second burst', '1:28: unexpected end of the text: expected a number'],
  ['allow limit 10/second burst 0', '1:29: unexpected 0: expected a number of packets, at least 1'],
  ['allow limit 10/second per', '1:26: unexpected end of the text: expected address or a prefix length'],
  ['allow limit 10/second per 0', '1:27: unexpected 0: expected address or a prefix length from 1 to 128'],
  [
    'allow limit 10/second per 129',
    '1:27: unexpected 129: expected address or a prefix length from 1 to 128',
  ],
  ['allow log limit 1/second', '1:11: unexpected limit: expected the end of the line'],
  ['allow log log', '1:11: unexpected log: expected the end of the line'],
  ['default', '1:8: unexpected end of the text: expected allow or deny'],
  ['default permit', '1:9: unexpected permit: expected allow or deny'],
  ['default deny deny', '1:14: unexpected deny: expected the end of the line'],
  ['default deny\ndefault deny', '2:1: default is given twice: expected one; the first is at r:1:1'],
  ['set', '1:4: unexpected end of the text: expected a name'],
  ['set 1x { }', `1:5: 1x does not name a set: ${SET_NAME}`],
  ['set x', '1:6: unexpected end of the text: expected "{" or file'],
  ['set x {', `1:8: unexpected end of the text: expected "}" or ${PEER}`],
  ['set x { 10.0.0.1', `1:17: unexpected end of the text: expected ",", "}" or ${PEER}`],
  ['set x { 10.0.0.1,,10.0.0.2 }', `1:18: unexpected ",": expected "}" or ${PEER}`],
  ['set x { , }', `1:9: unexpected ",": expected "}" or ${PEER}`],
  ['set x { } y', '1:11: unexpected y: expected the end of the line'],
  ['set x { { }', `1:9: unexpected "{": expected "}" or ${PEER}`],
  ['set x file', '1:11: unexpected end of the text: expected a path'],
  ['set x file ""', '1:12: the path is empty: expected the name of a file'],
  ['set x file a b', '1:14: unexpected b: expected refresh or the end of the line'],
  ['set x file a refresh', '1:21: unexpected end of the text: expected a duration'],
  ['set x file a refresh 5', '1:22: 5 is not a duration: expected a number and s, m, h or d', DURATION],
  ['set x file a refresh 0s', '1:22: 0s is not a duration: expected a number and s, m, h or d', DURATION],
  ['set x file a refresh 5w', '1:22: 5w is not a duration: expected a number and s, m, h or d', DURATION],
  ['set x { }\nset x file y', '2:1: set x is given twice: expected one; the first is at r:1:1'],
  ['}', '1:1: unexpected "}": expected allow, deny, default or set'],
  ['# fine\nallow\n  deny form any', `3:8: unexpected form: ${CLAUSES}`],
  [
    'allow proto sctp from any port 1',
    '1:7: proto sctp goes with no port: expected tcp, udp or both',
    PORTLESS,
  ],
  ['allow in on a:1', `1:13: a:1 is not an interface name: ${INTERFACE}`],
  ['set a, { }', '1:6: unexpected ",": expected "{" or file'],
];

test.each(refused)('%j', (text, message, hint) => {
  expect(() => parsePolicy(text, 'r')).toThrow(
    new AlfError('ALF_RULE', `r:${message}`, hint === undefined ? {} : { hint }),
  );
});
