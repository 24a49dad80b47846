import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/net/index.js';
import {
  evaluate,
  evaluateUnix,
  noInputs,
  type Packet,
  parsePolicy,
  resolvePolicy,
} from '../../../src/policy/index.js';

/** A TCP packet from an address to 192.0.2.80 port 80 that came in on eth0, or what is said otherwise. */
function packet(source: string, other: Partial<Packet> = {}): Packet {
  const { family, bytes } = parseAddress(source);
  const destination = parseAddress(family === 4 ? '192.0.2.80' : '2001:db8::80').bytes;
  const ports = { sourcePort: 40000, destinationPort: 80 };
  return { family, source: bytes, destination, protocol: 6, ...ports, ifname: 'eth0', ...other };
}

const cases: readonly [rules: string, packet: Packet, verdict: string, line: number | undefined][] = [
  ['', packet('10.0.0.1'), 'allow', undefined],
  ['deny', packet('10.0.0.1'), 'deny', 1],
  ['allow from 10.0.0.0/8', packet('10.255.255.255'), 'allow', 1],
  ['allow from 10.0.0.0/8', packet('11.0.0.0'), 'deny', undefined],
  ['allow from 10.0.0.0/8', packet('::ffff:10.0.0.1'), 'allow', 1],
  ['allow from ::/0', packet('10.0.0.1'), 'deny', undefined],
  ['allow from ::/0', packet('::ffff:10.0.0.1'), 'deny', undefined],
  ['allow from ::/0', packet('::1'), 'allow', 1],
  ['allow from ::ffff:0:0/96', packet('10.0.0.1'), 'allow', 1],
  ['deny from 10.0.0.1\nallow from 10.0.0.0/8', packet('10.0.0.1'), 'deny', 1],
  ['allow from 10.0.0.0/8\ndeny from 10.0.0.1', packet('10.0.0.1'), 'allow', 1],
  ['set none { }\nallow from @none', packet('10.0.0.1'), 'deny', undefined],
  ['deny in on eth1,eth0', packet('10.0.0.1'), 'deny', 1],
  ['deny in on eth1', packet('10.0.0.1'), 'allow', undefined],
  ['deny proto icmp', packet('10.0.0.1', { protocol: 1, sourcePort: 0, destinationPort: 0 }), 'deny', 1],
  ['deny to any port 0-100', packet('10.0.0.1', { protocol: 132 }), 'allow', undefined],
  ['deny to any port 80', packet('10.0.0.1', { protocol: 17 }), 'deny', 1],
  ['deny to any port 81-90', packet('10.0.0.1'), 'allow', undefined],
  ['deny from any port 40000', packet('10.0.0.1'), 'deny', 1],
  ['deny to 192.0.2.80', packet('10.0.0.1'), 'deny', 1],
  ['deny to 192.0.2.81', packet('10.0.0.1'), 'allow', undefined],
  [
    'deny to 192.0.2.80',
    packet('::ffff:10.0.0.1', { destination: parseAddress('::ffff:192.0.2.80').bytes }),
    'deny',
    1,
  ],
];

test.each(cases)('%j', (rules, packet, verdict, line) => {
  const { policy } = resolvePolicy(parsePolicy(rules, 'r'), noInputs);
  const decision = evaluate(policy, packet);
  expect(decision.verdict).toBe(verdict);
  expect(decision.rule?.location.line).toBe(line);
});

test.each([
  ['', 'allow', undefined],
  ['default deny', 'deny', undefined],
  ['allow', 'allow', 1],
  ['allow from any to any', 'allow', 1],
  ['allow from 0.0.0.0/0,::/0', 'allow', 1],
  ['allow from ::/0', 'deny', undefined],
  ['allow from private', 'deny', undefined],
  ['deny from 10.0.0.0/8', 'allow', undefined],
  ['allow proto tcp', 'deny', undefined],
  ['allow proto unix', 'allow', 1],
  ['allow proto tcp,unix', 'allow', 1],
  ['allow from any port 1-65535', 'deny', undefined],
  ['allow in on lo', 'deny', undefined],
  ['deny proto unix\nallow', 'deny', 1],
  ['allow from 127.0.0.1\nallow proto unix\ndeny', 'allow', 2],
  ['allow proto unix from 10.0.0.0/8', 'deny', undefined],
] as const)('on a UNIX socket: %j', (rules, verdict, line) => {
  const { policy } = resolvePolicy(parsePolicy(rules, 'r'), noInputs);
  const decision = evaluateUnix(policy);
  expect([decision.verdict, decision.rule?.location.line]).toEqual([verdict, line]);
});

test('proto unix matches no IP packet', () => {
  const { policy } = resolvePolicy(parsePolicy('deny proto unix', 'r'), noInputs);
  for (let protocol = 0; protocol < 256; protocol++) {
    expect(evaluate(policy, packet('10.0.0.1', { protocol })).verdict).toBe('allow');
  }
});
