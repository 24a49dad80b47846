import { expect, test } from 'vitest';
import {
  evaluate,
  evaluateUnix,
  matches,
  noInputs,
  type Packet,
  type Policy,
  parsePolicy,
  type Rule,
  resolvePolicy,
  unreachableRules,
} from '../../src/policy/index.js';
import { Random, seedOf } from '../support/random.js';
import { setOf4 } from '../support/small-sets.js';

/** Few values in every field, so that all packets there are can be tried. */
const SOURCES = [0, 1, 2, 3, 0xffffffff];
const DESTINATIONS = [0, 1, 7];
const PORTS = [0, 79, 80, 81, 65535];
const PROTOCOLS = [6, 17, 1];
const IFNAMES = ['lo', 'eth0', 'other'];

// Beside the values of rules, one from every gap between them.
const TRIED_PORTS = [...PORTS, 40, 30000];
const TRIED_PROTOCOLS = [...PROTOCOLS, 50];

const transports = TRIED_PORTS.flatMap((destinationPort) =>
  TRIED_PROTOCOLS.flatMap((protocol) => IFNAMES.map((ifname) => ({ destinationPort, protocol, ifname }))),
);

/** Every kind of packet that the rules below can tell apart. */
const packets: Packet[] = transports.flatMap((transport) => {
  const common = { ...transport, sourcePort: 80 };
  const addresses = [...SOURCES, 100].flatMap((source) =>
    [...DESTINATIONS, 100].map((destination) => ({
      family: 4 as const,
      source: bytesOf(source),
      destination: bytesOf(destination),
    })),
  );
  const zero = new Array(16).fill(0);
  return [...addresses, { family: 6 as const, source: zero, destination: zero }].map((ends) => ({
    ...common,
    ...ends,
  }));
});

function bytesOf(address: number): number[] {
  return [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff];
}

function randomRule(random: Random): Rule {
  const maybe = <T>(probability: number, make: () => T) => (random.chance(probability) ? make() : undefined);
  const some = <T>(items: readonly T[]) => items.filter(() => random.chance(0.6));
  const ranges = () => {
    const [a, b] = [random.pick(PORTS), random.pick(PORTS)];
    return [{ first: Math.min(a, b), last: Math.max(a, b) }];
  };
  return {
    verdict: random.pick(['allow', 'deny'] as const),
    match: {
      interfaces: maybe(0.3, () => some(IFNAMES.slice(0, 2))),
      protocols: maybe(0.3, () => some([...PROTOCOLS, 256])),
      source: maybe(0.6, () => setOf4(some(SOURCES), random.chance(0.3))),
      sourcePorts: maybe(0.15, ranges),
      destination: maybe(0.3, () => setOf4(some(DESTINATIONS), random.chance(0.5))),
      destinationPorts: maybe(0.4, ranges),
    },
    location: { file: 'r', line: 1, column: 1 },
    text: '',
  };
}

function matchesAnything(rule: Rule): boolean {
  const alone: Policy = { rules: [rule], default: 'deny' };
  return packets.some((packet) => matches(rule.match, packet)) || evaluateUnix(alone).rule === rule;
}

/** The rules that decide about some packet, found by trying all. */
function deciding(policy: Policy): Set<Rule | undefined> {
  const decided = new Set(packets.map((packet) => evaluate(policy, packet).rule));
  return decided.add(evaluateUnix(policy).rule);
}

test('a rule that is called unreachable decides about no packet', () => {
  const random = new Random(seedOf('unreachable rules'));
  let found = 0;
  for (let round = 0; round < 300; round++) {
    const rules = random.list(2, 9, () => randomRule(random));
    const policy: Policy = { rules, default: 'deny' };
    const unreachable = unreachableRules(policy);
    const decided = deciding(policy);
    for (const index of unreachable)
      expect({ round, index, decides: decided.has(rules[index]) }).toEqual({ round, index, decides: false });
    found += unreachable.length;
  }
  expect(found).toBeGreaterThan(200);
});

test('a rule that decides about no packet is found, where the packets tried are all there are', () => {
  const random = new Random(seedOf('reachable rules'));
  for (let round = 0; round < 300; round++) {
    const rules = random.list(2, 9, () => {
      const rule = randomRule(random);
      const { sourcePorts: _, ...match } = rule.match;
      return { ...rule, match: { ...match, sourcePorts: undefined } };
    });
    const policy: Policy = { rules, default: 'deny' };
    const decided = deciding(policy);
    const silent = rules.flatMap((rule, index) =>
      !decided.has(rule) && matchesAnything(rule) ? [index] : [],
    );
    expect({ round, found: unreachableRules(policy) }).toEqual({
      round,
      found: silent,
    });
  }
});

test('large sources give the same answer as small ones', () => {
  const even = Array.from({ length: 5000 }, (_, i) => `10.0.${i >> 7}.${2 * (i & 127)}`);
  const list = new TextEncoder().encode(`${even.join('\n')}\n`);
  const find = (rules: string) => {
    const files = new Map([['many', list]]);
    const source = parsePolicy(`set many file many.list\n${rules}`, 'r');
    return unreachableRules(resolvePolicy(source, { ...noInputs, files }).policy);
  };
  expect(find('deny from @many\nallow from private')).toEqual([]);
  expect(find('deny from @many\nallow from 10.0.3.4')).toEqual([1]);
  expect(find('deny from @many\nallow from 10.0.3.4-10.0.3.5')).toEqual([]);
  expect(
    find('allow from @many to any port 80\nallow from @many to any port 443\ndeny from 10.0.0.2'),
  ).toEqual([]);
  expect(find('allow from @many\nallow from @many to any port 443')).toEqual([1]);
  expect(find('deny from 10.0.0.0/8\nallow from @many')).toEqual([1]);
  expect(find('deny from 10.0.0.0/19\nallow from @many')).toEqual([]);
});
