import type { AddressSet, Packet, Policy } from '../../../src/policy/index.js';
import type { Wire } from '../../support/wire.js';
import { ifindexOf } from './policies.js';
import type { Random } from './random.js';

export { encodePacket, type Wire } from '../../support/wire.js';

/** A packet that is likely to lie at a boundary of something that the policy asks for. */
export class PacketSource {
  readonly #random: Random;
  readonly #protocol: number;
  readonly #sources: Edges;
  readonly #destinations: Edges;
  readonly #sourcePorts: readonly number[];
  readonly #destinationPorts: readonly number[];

  constructor(random: Random, policy: Policy, protocol: number) {
    const matches = policy.rules.map(({ match }) => match);
    this.#random = random;
    this.#protocol = protocol;
    this.#sources = new Edges(matches.map(({ source }) => source));
    this.#destinations = new Edges(matches.map(({ destination }) => destination));
    this.#sourcePorts = matches.flatMap(
      (m) => m.sourcePorts?.flatMap(({ first, last }) => [first, last]) ?? [],
    );
    this.#destinationPorts = matches.flatMap(
      (m) => m.destinationPorts?.flatMap(({ first, last }) => [first, last]) ?? [],
    );
  }

  next(): Packet {
    const random = this.#random;
    const family = this.#sources.pickFamily(random);
    return {
      family,
      source: this.#sources.near(random, family),
      destination: this.#destinations.near(random, family),
      protocol: this.#protocol,
      sourcePort: this.#port(this.#sourcePorts),
      destinationPort: this.#port(this.#destinationPorts),
      ifname: random.pick([...ifindexOf.keys()]),
    };
  }

  wire(packet: Packet): Wire {
    const random = this.#random;
    const options = packet.family === 4 && random.chance(20) ? random.below(11) : 0;
    const extensions = packet.family === 6 && random.chance(10) ? 1 + random.below(2) : 0;
    return { options, extensions, payload: random.bytes(random.below(8)) };
  }

  #port(edges: readonly number[]): number {
    const random = this.#random;
    if (edges.length === 0 || random.chance(15)) return random.below(65536);
    return (random.pick(edges) + random.below(3) - 1) & 0xffff;
  }
}

/** The first and last addresses of sets. */
class Edges {
  readonly #v4: readonly bigint[];
  readonly #v6: readonly bigint[];

  constructor(sets: readonly (AddressSet | undefined)[]) {
    this.#v4 = sets.flatMap((set) => [...(set?.v4 ?? [])].map(BigInt));
    this.#v6 = sets.flatMap((set) => {
      const halves = [...(set?.v6 ?? [])];
      return halves.flatMap((half, i) => (i % 2 === 0 ? [(half << 64n) | (halves[i + 1] ?? 0n)] : []));
    });
  }

  pickFamily(random: Random): 4 | 6 {
    if (random.chance(15)) return random.chance(50) ? 4 : 6;
    return random.below(this.#v4.length + this.#v6.length) < this.#v4.length ? 4 : 6;
  }

  near(random: Random, family: 4 | 6): number[] {
    const mapped = family === 6 && random.chance(12);
    const edges = family === 4 || mapped ? this.#v4 : this.#v6;
    const bytes = family === 4 || mapped ? 4 : 16;
    if (edges.length === 0 || random.chance(10)) return [...(mapped ? MAPPED : []), ...random.bytes(bytes)];
    const limit = 1n << BigInt(bytes * 8);
    let value = (random.pick(edges) + BigInt(random.below(3)) - 1n + limit) % limit;
    if (random.chance(15)) value ^= 1n << BigInt(random.below(bytes * 8));
    const low = Array.from({ length: bytes }, (_, i) =>
      Number((value >> BigInt((bytes - 1 - i) * 8)) & 0xffn),
    );
    return [...(mapped ? MAPPED : []), ...low];
  }
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
