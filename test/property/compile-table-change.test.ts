import { expect, test } from 'vitest';
import { changeAddresses, encodePolicy, Field, type Image, lookup } from '../../src/compile/table/index.js';
import { AddressSetBuilder, evaluate, type Packet, type Policy } from '../../src/policy/index.js';
import { modelBytes } from '../support/address-model.js';
import { Random, seedOf } from '../support/random.js';

const ANYTHING = {
  interfaces: undefined,
  protocols: undefined,
  sourcePorts: undefined,
  destination: undefined,
};
const LOCATION = { file: 'change', line: 1, column: 1 };

type Family = 4 | 6;

function setOf(family: Family, addresses: Iterable<bigint>) {
  const builder = new AddressSetBuilder();
  for (const address of addresses) builder.addBytes(modelBytes(family, address), modelBytes(family, address));
  return builder.build();
}

/** `allow from SPECIAL port 80`, `deny from LISTED`: one of the rules needs rows, the other does not. */
function policyOf(family: Family, special: Iterable<bigint>, listed: Iterable<bigint>): Policy {
  const match = { ...ANYTHING, source: setOf(family, special), destinationPorts: [{ first: 80, last: 80 }] };
  const other = { ...ANYTHING, source: setOf(family, listed), destinationPorts: undefined };
  return {
    rules: [
      { verdict: 'allow', match, location: LOCATION, text: '' },
      { verdict: 'deny', match: other, location: LOCATION, text: '' },
    ],
    default: 'allow',
  };
}

function packet(family: Family, address: bigint, destinationPort: number): Packet {
  const source = modelBytes(family, BigInt.asUintN(family === 4 ? 32 : 128, address));
  return { family, source, destination: source, protocol: 6, sourcePort: 1, destinationPort, ifname: 'lo' };
}

function expectSame(
  image: Image,
  policy: Policy,
  family: Family,
  addresses: readonly bigint[],
  context: string,
) {
  for (const address of addresses) {
    for (const port of [80, 81]) {
      const probe = packet(family, address, port);
      const { verdict, rule } = evaluate(policy, probe);
      const index = rule === undefined ? -1 : policy.rules.indexOf(rule);
      expect(lookup(image, probe, 1), `${context}: ${probe.source}`).toEqual({ verdict, rule: index });
    }
  }
}

/** The upper 32 bits of an address. */
function upperWord(family: Family, address: bigint): number {
  return Number(address >> (family === 4 ? 0n : 96n));
}

test.each([
  [4, 100],
  [4, 20_000],
  [6, 100],
  [6, 10_000],
] as const)('addresses of IPv%i come and go in place in sets of %i', (family, count) => {
  const seed = seedOf(`changes of IPv${family} sets of ${count}`);
  const random = new Random(seed);
  // IPv6: many in one /32 now and then, so that a change has neighbours in the lower words.
  const draw = () =>
    family === 4
      ? BigInt(random.word())
      : (BigInt(random.word()) << 96n) | (BigInt(random.below(4)) << 64n) | BigInt(random.below(4));
  const special = new Set(Array.from({ length: count }, draw));
  const listed = new Set(Array.from({ length: count }, draw));
  const image = encodePolicy(policyOf(family, special, listed));
  let inPlace = 0;
  for (let i = 0; i < 40; i++) {
    const set = random.pick([special, listed]);
    const old = random.chance(0.5) ? random.pick([...set]) : undefined;
    const address = old ?? draw();
    if (old === undefined) set.add(address);
    else set.delete(address);
    const policy = policyOf(family, special, listed);
    const word = upperWord(family, address);
    const field = family === 4 ? Field.source4 : Field.source6;
    const writes = changeAddresses(image, policy, field, { first: word, last: word });
    if (writes === undefined) {
      // Not possible in place: as if nothing had happened.
      if (old === undefined) set.delete(address);
      else set.add(address);
      continue;
    }
    inPlace++;
    const sample = [address - 1n, address, address + 1n, random.pick([...special]), random.pick([...listed])];
    expectSame(image, policy, family, sample, `ALF_TEST_SEED=${seed}, change ${i}`);
  }
  expect(inPlace).toBeGreaterThan(30);
});

test('a change across slots, outside all prefixes or in a tiny set is not made in place', () => {
  const policy = policyOf(4, [1n, 2n ** 31n], [5n, 2n ** 20n]);
  const image = encodePolicy(policy);
  expect(changeAddresses(image, policy, Field.source4, { first: 2, last: 2 ** 30 })).toBeUndefined();
  expect(changeAddresses(image, policy, Field.source4, { first: 0, last: 0 })).toBeUndefined();
  const tiny = { rules: [], default: 'deny' } as const;
  expect(changeAddresses(encodePolicy(tiny), tiny, Field.source4, { first: 1, last: 1 })).toBeUndefined();
});
