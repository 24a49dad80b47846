import type { AddressSet, Match, Policy, PortRange, Rule } from '../../../src/policy/index.js';
import type { Random } from './random.js';

/** The interfaces that policies and packets name, and their indexes. */
export const ifindexOf: ReadonlyMap<string, number> = new Map([
  ['tun0', 2],
  ['tun1', 3],
  ['wg0', 0x8000_0001],
]);

const NAMES = [...ifindexOf.keys()];

/** What a policy is made of. */
export interface Shape {
  readonly rules: number;
  /** How often, in percent, a rule asks for more than a source. */
  readonly fields: number;
  /** How often, in percent, an address is an IPv6 one. */
  readonly six: number;
  /** How often, in percent, a source is left out. */
  readonly anybody: number;
}

/** A policy whose prefixes overlap and nest, with ranges that are no prefixes among them. */
export function randomPolicy(random: Random, shape: Shape): Policy {
  const pool = new AddressPool(random, shape);
  const ports = Array.from({ length: 6 }, () =>
    random.pick([0, 22, 80, 443, 1023, 1024, 65535, random.below(65536)]),
  );
  const rules = Array.from({ length: shape.rules }, (_, i): Rule => {
    const match = {
      interfaces: undefined,
      protocols: undefined,
      sourcePorts: undefined,
      destination: undefined,
      destinationPorts: undefined,
      ...(random.chance(shape.fields) ? fieldsOf(random, pool, ports) : {}),
      source: random.chance(shape.anybody) ? undefined : pool.set(random.chance(80) ? 1 : random.below(4)),
    };
    return ruleOf(match, random.chance(50) ? 'allow' : 'deny', i + 1);
  });
  return { rules, default: random.chance(70) ? 'deny' : 'allow' };
}

/** A policy of so many single prefixes, each allowed, of mixed lengths. */
export function prefixPolicy(random: Random, prefixes: number, family: 4 | 6): Policy {
  const pool = new AddressPool(random, {
    rules: prefixes,
    fields: 0,
    six: family === 6 ? 100 : 0,
    anybody: 0,
  });
  const rules = Array.from(
    { length: prefixes },
    (_, i): Rule => ruleOf({ ...anything, source: pool.fresh() }, 'allow', i + 1),
  );
  return { rules, default: 'deny' };
}

/** A match that asks for nothing. */
export const anything: Match = {
  interfaces: undefined,
  protocols: undefined,
  source: undefined,
  sourcePorts: undefined,
  destination: undefined,
  destinationPorts: undefined,
};

/** A rule for a test. */
export function ruleOf(match: Match, verdict: Rule['verdict'], line = 1): Rule {
  return { verdict, match, location: { file: 'test', line, column: 1 }, text: `${verdict} …` };
}

function fieldsOf(random: Random, pool: AddressPool, ports: readonly number[]): Partial<Match> {
  const portList = (): PortRange[] =>
    Array.from({ length: random.below(3) + (random.chance(97) ? 1 : 0) }, () => {
      const first = random.pick(ports);
      return { first, last: random.chance(60) ? first : Math.min(65535, first + random.below(2000)) };
    });
  return {
    ...(random.chance(30) ? { interfaces: NAMES.filter(() => random.chance(45)) } : {}),
    ...(random.chance(20) ? { protocols: random.pick([[6], [17], [6, 17], [1], []]) } : {}),
    ...(random.chance(35) ? { sourcePorts: portList() } : {}),
    ...(random.chance(35) ? { destination: pool.set(1 + random.below(3)) } : {}),
    ...(random.chance(45) ? { destinationPorts: portList() } : {}),
  };
}

interface Wide {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Addresses near each other, so that prefixes meet. */
class AddressPool {
  readonly #random: Random;
  readonly #shape: Shape;
  readonly #bases: { family: 4 | 6; value: bigint }[];

  constructor(random: Random, shape: Shape) {
    this.#random = random;
    this.#shape = shape;
    this.#bases = Array.from({ length: Math.max(4, shape.rules >> 2) }, () => this.#base());
  }

  set(ranges: number): AddressSet {
    return setOf(Array.from({ length: ranges }, () => this.#range()));
  }

  /** One prefix that most likely has nothing in common with any other. */
  fresh(): AddressSet {
    const family = this.#random.chance(this.#shape.six) ? 6 : 4;
    const bytes = this.#random.bytes(family === 4 ? 4 : 16);
    const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const length =
      family === 4
        ? this.#random.pick([32, 32, 32, 32, 32, 24, 24, 23, 22])
        : this.#random.pick([32, 48, 56, 64, 128]);
    return setOf([prefix(family, value, length)]);
  }

  #base(): { family: 4 | 6; value: bigint } {
    const family = this.#random.chance(this.#shape.six) ? 6 : 4;
    const words = [this.#word(), this.#word(), this.#word(), this.#word()];
    if (family === 4) return { family, value: BigInt(this.#random.next()) };
    const start = this.#random.pick([0x20010db8, 0xfd000000, 0xfe800000, 0, words[0] ?? 0]);
    return {
      family,
      value: [start, ...words.slice(1)].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n),
    };
  }

  #word(): number {
    return this.#random.pick([
      0,
      1,
      0xffff,
      0x10000,
      0xffffffff,
      0x7fffffff,
      0x80000000,
      this.#random.next(),
    ]);
  }

  #range(): Wide {
    const random = this.#random;
    const { family, value } = random.chance(70) ? random.pick(this.#bases) : this.#base();
    const bits = family === 4 ? 32 : 128;
    const near = value ^ (random.chance(40) ? 1n << BigInt(random.below(bits)) : 0n);
    if (random.chance(80)) {
      const usual = family === 4 ? [8, 16, 24, 32] : [16, 32, 48, 64, 96, 128];
      return prefix(family, near, random.chance(60) ? random.pick(usual) : random.below(bits + 1));
    }
    const last = near + (BigInt(random.next()) << BigInt(random.below(family === 4 ? 1 : 90)));
    const most = (1n << BigInt(bits)) - 1n;
    return { family, first: near, last: last > most ? most : last };
  }
}

function prefix(family: 4 | 6, value: bigint, length: number): Wide {
  const host = BigInt((family === 4 ? 32 : 128) - length);
  const first = (value >> host) << host;
  return { family, first, last: first + (1n << host) - 1n };
}

/** A set in the form that policies have it: sorted, disjoint, not adjacent. */
export function setOf(ranges: readonly Wide[]): AddressSet {
  const low = (1n << 64n) - 1n;
  const v4 = merged(ranges.filter(({ family }) => family === 4));
  const v6 = merged(ranges.filter(({ family }) => family === 6));
  return {
    v4: Uint32Array.from(v4.flatMap(({ first, last }) => [Number(first), Number(last)])),
    v6: BigUint64Array.from(
      v6.flatMap(({ first, last }) => [first >> 64n, first & low, last >> 64n, last & low]),
    ),
  };
}

function merged(ranges: readonly Wide[]): Wide[] {
  const result: Wide[] = [];
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const last = result.at(-1);
    if (last === undefined || range.first > last.last + 1n) result.push(range);
    else result[result.length - 1] = range.last > last.last ? { ...last, last: range.last } : last;
  }
  return result;
}
