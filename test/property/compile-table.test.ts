import { expect, test } from 'vitest';
import { encodePolicy, lookup } from '../../src/compile/table/index.js';
import { AddressSetBuilder, evaluate, type Packet, type Policy } from '../../src/policy/index.js';
import { modelBytes } from '../support/address-model.js';
import { PolicyCases } from '../support/policy-cases.js';
import { Random, seedOf } from '../support/random.js';

test('an image means what the policy means', () => {
  const seed = seedOf('an image means what the policy means');
  const interfaces = new Map([
    ['lo', 1],
    ['eth0', 2],
    ['wg-0', 70000],
  ]);
  const random = new Random(seed);
  const cases = new PolicyCases(random, {
    ifnames: [...interfaces.keys()],
    protocols: [1, 6, 17, 58],
    ports: true,
  });
  for (let i = 0; i < 400; i++) {
    const policy = cases.policy(random.pick([1, 3, 10, 40, 100]));
    const image = encodePolicy(policy, { interfaces });
    for (let j = 0; j < 50; j++) {
      const packet = cases.packet();
      const expected = evaluate(policy, packet);
      const rule = expected.rule === undefined ? -1 : policy.rules.indexOf(expected.rule);
      const context = `ALF_TEST_SEED=${seed}, policy ${i}, packet ${j}: ${JSON.stringify(packet)}`;
      expect(lookup(image, packet, interfaces.get(packet.ifname) ?? 0), context).toEqual({
        verdict: expected.verdict,
        rule,
      });
    }
  }
});

test.each([4, 6] as const)('slots of IPv%i hold the ends of thousands of prefixes', (family) => {
  const seed = seedOf(`slots of IPv${family} hold the ends of thousands of prefixes`);
  const random = new Random(seed);
  const bits = family === 4 ? 32n : 128n;
  const lengths = family === 4 ? [32n, 31n, 24n, 20n] : [128n, 65n, 64n, 63n, 48n, 33n, 32n, 29n];
  // Crowds as well as loners, so that slots of all kinds come about: none, one, several prefixes, lists, later words.
  const crowds = Array.from({ length: 40 }, () => BigInt(random.word()) << (bits - 32n));
  const draw = (): bigint => {
    let address = random.chance(0.5) ? random.pick(crowds) : BigInt(random.word()) << (bits - 32n);
    for (let at = 16n; at < bits; at += 16n) {
      if (random.chance(0.3)) address ^= BigInt(random.below(8)) << (bits - 16n - at);
    }
    return address;
  };
  const ends: bigint[] = [];
  const sets = [1, 2, 3].map(() => {
    const builder = new AddressSetBuilder();
    for (let i = 0; i < 2000; i++) {
      const free = bits - random.pick(lengths);
      const first = (draw() >> free) << free;
      const last = first | ((1n << free) - 1n);
      ends.push(first, last);
      builder.addBytes(modelBytes(family, first), modelBytes(family, last));
    }
    return builder.build();
  });
  const anything = {
    interfaces: undefined,
    protocols: undefined,
    sourcePorts: undefined,
    destination: undefined,
  };
  const location = { file: 'ends', line: 1, column: 1 };
  const policy: Policy = {
    rules: sets.map((source, i) => ({
      verdict: i % 2 === 0 ? 'deny' : 'allow',
      match: { ...anything, source, destinationPorts: i === 1 ? [{ first: 80, last: 80 }] : undefined },
      location,
      text: '',
    })),
    default: 'allow',
  };
  const image = encodePolicy(policy);
  for (let i = 0; i < 10_000; i++) {
    const address = BigInt.asUintN(Number(bits), random.pick(ends) + BigInt(random.below(3) - 1));
    const bytes = modelBytes(family, address);
    const packet: Packet = {
      family,
      source: bytes,
      destination: bytes,
      protocol: 6,
      sourcePort: 1,
      destinationPort: random.pick([80, 81]),
      ifname: 'lo',
    };
    const expected = evaluate(policy, packet);
    const rule = expected.rule === undefined ? -1 : policy.rules.indexOf(expected.rule);
    expect(lookup(image, packet, 1), `ALF_TEST_SEED=${seed}: ${bytes}`).toEqual({
      verdict: expected.verdict,
      rule,
    });
  }
});
