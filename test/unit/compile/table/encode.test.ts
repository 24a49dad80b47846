import { expect, test } from 'vitest';
import { encodePolicy, lookup, MAX_RULES } from '../../../../src/compile/table/index.js';
import type { Match, Packet, Policy, Rule } from '../../../../src/policy/index.js';

const ANYTHING: Match = {
  interfaces: undefined,
  protocols: undefined,
  source: undefined,
  sourcePorts: undefined,
  destination: undefined,
  destinationPorts: undefined,
};

function deny(match: Partial<Match>): Rule {
  const location = { file: 'rules', line: 1, column: 1 };
  return { verdict: 'deny', match: { ...ANYTHING, ...match }, location, text: '' };
}

function packet(source: number[]): Packet {
  const family = source.length === 4 ? 4 : 6;
  return {
    family,
    source,
    destination: source,
    protocol: 6,
    sourcePort: 1,
    destinationPort: 2,
    ifname: 'lo',
  };
}

const v4 = (...words: number[]) => ({ v4: Uint32Array.from(words), v6: new BigUint64Array() });

test('a policy without rules is its default', () => {
  const image = encodePolicy({ rules: [], default: 'allow' });
  expect(image.pages).toBe(1);
  expect(lookup(image, packet([1, 2, 3, 4]), 1)).toEqual({ verdict: 'allow', rule: -1 });
});

test('more rules than the limit are refused, by number', () => {
  const rules = Array.from({ length: MAX_RULES + 1 }, () => deny({ source: v4(1, 1) }));
  expect(() => encodePolicy({ rules, default: 'allow' })).toThrow(/has 4097 rules, 4096 are possible/);
});

test('an interface that is not there is refused: a rule must not be lost', () => {
  const policy: Policy = { rules: [deny({ interfaces: ['eth9'] })], default: 'allow' };
  expect(() => encodePolicy(policy, { interfaces: new Map([['eth0', 2]]) })).toThrow(
    /no such interface: eth9/,
  );
});

test('the ends of both families belong to their ranges', () => {
  const all = 0xffffffffffffffffn;
  const source = {
    v4: Uint32Array.of(0, 0, 0xffffffff, 0xffffffff),
    v6: BigUint64Array.of(0n, 0n, 0n, 0n, all, all, all, all),
  };
  const image = encodePolicy({ rules: [deny({ source })], default: 'allow' });
  const verdict = (bytes: number[]) => lookup(image, packet(bytes), 1).verdict;
  expect(verdict([0, 0, 0, 0])).toBe('deny');
  expect(verdict([0, 0, 0, 1])).toBe('allow');
  expect(verdict([255, 255, 255, 254])).toBe('allow');
  expect(verdict([255, 255, 255, 255])).toBe('deny');
  expect(verdict(new Array(16).fill(0))).toBe('deny');
  expect(verdict([...new Array(15).fill(0), 1])).toBe('allow');
  expect(verdict([...new Array(15).fill(255), 254])).toBe('allow');
  expect(verdict(new Array(16).fill(255))).toBe('deny');
});

test('crowded keys and lone ones far away share an index', () => {
  const crowd = Array.from({ length: 20_000 }, (_, i) => [0x0a000000 + 2 * i, 0x0a000000 + 2 * i]).flat();
  const image = encodePolicy({
    rules: [deny({ source: v4(5, 5, ...crowd, 0xf0000000, 0xf0000000) })],
    default: 'allow',
  });
  const verdict = (bytes: number[]) => lookup(image, packet(bytes), 1).verdict;
  expect([0, 1, 2, 3, 254, 255].map((low) => verdict([10, 0, 100, low]))).toEqual([
    'deny',
    'allow',
    'deny',
    'allow',
    'deny',
    'allow',
  ]);
  expect([
    verdict([0, 0, 0, 5]),
    verdict([0, 0, 0, 6]),
    verdict([240, 0, 0, 0]),
    verdict([240, 0, 0, 1]),
  ]).toEqual(['deny', 'allow', 'deny', 'allow']);
});
