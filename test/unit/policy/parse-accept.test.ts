import { describe, expect, test } from 'vitest';
import { formatPolicy, parsePolicy, parseRule } from '../../../src/policy/index.js';

/** What is written, and its canonical form. */
const rules: readonly [written: string, canonical: string][] = [
  ['allow', 'allow'],
  ['  deny\tfrom   any  ', 'deny from any'],
  ['allow from 192.0.2.1', 'allow from 192.0.2.1'],
  ['allow from 192.0.2.1/32', 'allow from 192.0.2.1'],
  ['allow from 10.0.0.0/8,fc00::/7 , @office', 'allow from 10.0.0.0/8, fc00::/7, @office'],
  ['allow from 2001:DB8:0:0::1', 'allow from 2001:db8::1'],
  ['allow from 192.0.2.1-192.0.2.9', 'allow from 192.0.2.1-192.0.2.9'],
  ['allow from 2001:db8::1-2001:db8::f', 'allow from 2001:db8::1-2001:db8::f'],
  ['allow from 192.0.2.1-192.0.2.1', 'allow from 192.0.2.1-192.0.2.1'],
  ['allow from ::ffff:192.0.2.1', 'allow from 192.0.2.1'],
  ['allow from ::ffff:c000:201', 'allow from 192.0.2.1'],
  ['allow from ::ffff:192.0.2.0/120', 'allow from 192.0.2.0/24'],
  ['allow from ::ffff:0:0/96', 'allow from 0.0.0.0/0'],
  ['allow from ::ffff:192.0.2.1-192.0.2.9', 'allow from 192.0.2.1-192.0.2.9'],
  ['allow from ::/0', 'allow from ::/0'],
  ['deny from localhost,link-local,multicast', 'deny from localhost, link-local, multicast'],
  ['deny from private,cgnat,documentation', 'deny from private, cgnat, documentation'],
  ['allow from Example.ORG, router', 'allow from example.org, router'],
  ['allow from any port 53', 'allow from any port 53'],
  ['allow to any port 80,443,8000-8999', 'allow to any port 80, 443, 8000-8999'],
  ['allow to 192.0.2.1 port 0-65535', 'allow to 192.0.2.1 port 0-65535'],
  ['deny in on eth0,wg-home', 'deny in on eth0, wg-home'],
  ['deny proto tcp,udp,icmp', 'deny proto tcp, udp, icmp'],
  ['deny proto 6,58,200', 'deny proto tcp, icmpv6, 200'],
  ['allow proto tcp to any port 22', 'allow proto tcp to any port 22'],
  ['allow limit 10/second', 'allow limit 10/second'],
  ['allow limit 3/minute burst 5 per address log', 'allow limit 3/minute burst 5 per address log'],
  ['allow limit 3/minute per 24', 'allow limit 3/minute per 24'],
  ['deny log', 'deny log'],
  [
    'allow in on lo proto tcp from private port 1024-65535 to localhost port 80 limit 1/second log # all',
    'allow in on lo proto tcp from private port 1024-65535 to localhost port 80 limit 1/second log # all',
  ],
];

test.each(rules)('rule %j', (written, canonical) => {
  expect(formatPolicy(parsePolicy(written, 'web.rules'))).toBe(`${canonical}\n`);
});

const policies: readonly [name: string, written: string, canonical: string][] = [
  ['nothing', '', ''],
  ['only blanks', ' \r\n\t\n', ''],
  ['a byte order mark and CRLF', '\uFEFFallow\r\ndeny\r\n', 'allow\ndeny\n'],
  ['the default', 'default   deny  #no one', 'default deny #no one\n'],
  ['comments', '#!/bin/x  \nallow  #a\n  # b\n', '#!/bin/x\nallow #a\n# b\n'],
  ['empty lines', '\n\nallow\n\n\n\ndeny\n\n', 'allow\n\ndeny\n'],
  ['an empty set', 'set x{}', 'set x { }\n'],
  ['an empty set over lines', 'set x {\n\n}', 'set x { }\n'],
  ['a set on a line', 'set x { 10.0.0.0/8 private,@y, } # z', 'set x { 10.0.0.0/8, private, @y } # z\n'],
  [
    'a set over lines',
    'set x {\n10.0.0.1,\n\n10.0.0.2 10.0.0.3 # three\n}',
    'set x {\n  10.0.0.1\n  10.0.0.2, 10.0.0.3 # three\n}\n',
  ],
  ['a set with a comment only', 'set x { # none\n}', 'set x {\n  # none\n}\n'],
  ['a set file', 'set x file /etc/a.netset', 'set x file /etc/a.netset\n'],
  [
    'a set file with blanks in its name',
    'set x file "a, b.txt" refresh 90s',
    'set x file "a, b.txt" refresh 90s\n',
  ],
  ['durations', 'set x file y refresh 120m # often', 'set x file y refresh 2h # often\n'],
];

test.each(policies)('policy: %s', (_, written, canonical) => {
  expect(formatPolicy(parsePolicy(written, 'web.rules'))).toBe(canonical);
});

describe('a rule', () => {
  test('keeps its text and location', () => {
    const { statements } = parsePolicy('# first\n  allow  from 10.0.0.1  # why', 'web.rules');
    expect(statements[1]).toMatchObject({
      text: 'allow  from 10.0.0.1',
      comment: '# why',
      location: { file: 'web.rules', line: 2, column: 3 },
      from: { peers: [{ kind: 'prefix', location: { file: 'web.rules', line: 2, column: 15 } }] },
    });
  });

  test('warns about host bits and clears them', () => {
    const { rule, warnings } = parseRule('allow from 127.0.0.1/24, ::ffff:10.1.1.1/104', '--rule');
    expect(rule.from?.peers).toMatchObject([
      { prefix: { bytes: [127, 0, 0, 0], length: 24 } },
      { prefix: { family: 4, bytes: [10, 0, 0, 0], length: 8 } },
    ]);
    expect(warnings).toEqual([
      {
        location: { file: '--rule', line: 1, column: 12 },
        message: '127.0.0.1/24 has bits set below its prefix length and means 127.0.0.0/24',
        kind: 'host bits',
      },
      {
        location: { file: '--rule', line: 1, column: 26 },
        message: '::ffff:10.1.1.1/104 has bits set below its prefix length and means 10.0.0.0/8',
        kind: 'host bits',
      },
    ]);
  });
});
