import type { AddressFamily } from '../../src/net/index.js';
import { AddressSetBuilder, type Packet, type Policy, type Rule } from '../../src/policy/index.js';
import { modelBytes } from './address-model.js';
import type { Random } from './random.js';

/** What the cases of a run may contain. */
export interface CaseLimits {
  /** Interfaces that rules and packets name. */
  readonly ifnames: readonly string[];
  readonly protocols: readonly number[];
  /** Whether rules may look at ports. */
  readonly ports: boolean;
  /** First bits that every address has, as `[value, length]`; none if left out. */
  readonly within?: Readonly<Record<AddressFamily, readonly [bigint, number]>>;
}

const PORTS = [1, 22, 79, 80, 81, 443, 1023, 1024, 1025, 8080, 65534, 65535];
const BITS = { 4: 32, 6: 128 } as const;

/** Policies of up to `rules` rules, with packets that like to be where rules begin and end. */
export class PolicyCases {
  readonly #random: Random;
  readonly #limits: CaseLimits;
  /** Addresses that are boundaries of some rule of the current policy, by family. */
  readonly #marks: Record<AddressFamily, bigint[]> = { 4: [], 6: [] };

  constructor(random: Random, limits: CaseLimits) {
    this.#random = random;
    this.#limits = limits;
  }

  policy(rules: number): Policy {
    this.#marks[4] = [];
    this.#marks[6] = [];
    const random = this.#random;
    // Some policies look at the source only: the fast path has cases of its own.
    const plain = random.chance(0.3);
    return {
      rules: random.list(0, rules, () => this.#rule(plain)),
      default: random.pick(['allow', 'deny'] as const),
    };
  }

  packet(): Packet {
    const random = this.#random;
    const [family, source] = this.#address();
    const destination = this.#addressOf(family);
    const protocol = random.pick(this.#limits.protocols);
    const port = () => (protocol === 6 || protocol === 17 ? this.#near(random.pick(PORTS)) : 0);
    return {
      family,
      source: modelBytes(family, source),
      destination: modelBytes(family, destination),
      protocol,
      sourcePort: port(),
      destinationPort: port(),
      ifname: random.pick(this.#limits.ifnames),
    };
  }

  #rule(plain: boolean): Rule {
    const random = this.#random;
    const maybe = <T>(probability: number, make: () => T) =>
      random.chance(probability) ? make() : undefined;
    const more = plain ? 0 : 0.4;
    const ports = () =>
      maybe(this.#limits.ports ? more : 0, () => random.list(0, 3, () => this.#portRange()));
    return {
      verdict: random.pick(['allow', 'deny'] as const),
      match: {
        interfaces: maybe(more / 2, () => random.list(0, 2, () => random.pick(this.#limits.ifnames))),
        protocols: maybe(more / 2, () => random.list(0, 2, () => random.pick(this.#limits.protocols))),
        source: maybe(0.9, () => this.#set()),
        sourcePorts: ports(),
        destination: maybe(more, () => this.#set()),
        destinationPorts: ports(),
      },
      location: { file: 'case', line: 1, column: 1 },
      text: '',
    };
  }

  #portRange(): { first: number; last: number } {
    const [a, b] = [this.#random.pick(PORTS), this.#random.pick(PORTS)];
    return { first: Math.min(a, b), last: Math.max(a, b) };
  }

  #set() {
    const builder = new AddressSetBuilder();
    const random = this.#random;
    // Large ones get an index, crowded ones an index with lists of many cells.
    const size = random.pick([0, 1, 2, 3, 5, 10, 40, 300]);
    const [family, crowd] = this.#address();
    const clusters = random.chance(0.5);
    for (let i = 0; i < size; i++) {
      const [each, address] = clusters
        ? [family, this.#masked(family, crowd + BigInt(random.below(4 * size)))]
        : this.#address();
      const free = BigInt(
        random.pick(clusters ? [0, 0, 1] : [0, 0, 1, 3, 8, 16, 24, 31, 32, 33, 64, 96, 127]),
      );
      const bits = BigInt(BITS[each]);
      const width = 1n << (free < bits ? free : bits);
      const first = address - (address % width);
      const last = first + width - 1n;
      builder.addBytes(modelBytes(each, first), modelBytes(each, last));
      if (i < 20) this.#marks[each].push(first, last, last + 1n, first - 1n);
    }
    return builder.build();
  }

  #address(): [AddressFamily, bigint] {
    const family = this.#random.pick([4, 6] as const);
    return [family, this.#addressOf(family)];
  }

  #addressOf(family: AddressFamily): bigint {
    const random = this.#random;
    const mark = random.pick(this.#marks[family]);
    if (mark !== undefined && random.chance(0.7)) return this.#masked(family, mark);
    if (family === 6 && this.#limits.within === undefined && random.chance(0.1))
      return 0xffff00000000n + BigInt(random.word());
    let address = 0n;
    for (let bits = 0; bits < BITS[family]; bits += 32) {
      // Few values in the upper words, so that addresses differ in the lower ones.
      const word = random.chance(0.5) ? random.word() : random.pick([0, 1, 0x20010db8, 0xffffffff]);
      address = (address << 32n) | BigInt(word);
    }
    return this.#masked(family, address);
  }

  /** The address within the bits that all addresses of the run have. */
  #masked(family: AddressFamily, address: bigint): bigint {
    const [value, length] = this.#limits.within?.[family] ?? [0n, 0];
    return value | BigInt.asUintN(BITS[family] - length, address);
  }

  #near(port: number): number {
    return Math.min(65535, Math.max(1, port + this.#random.below(3) - 1));
  }
}
