import type { AddressSet, Packet, Policy } from '../../../src/policy/index.js';
import { ifindexOf } from './policies.js';
import type { Random } from './random.js';

/** How a packet is put on the wire beside what rules see of it. */
export interface Wire {
  /** IPv4 options: words of "no operation". */
  readonly options: number;
  /** IPv6 extension headers: destination options with nothing in them. */
  readonly extensions: number;
  readonly payload: readonly number[];
}

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
const TCP = 6;

/** Writes a packet from its network header on, with valid checksums: a UDP datagram or a TCP SYN. */
export function encodePacket(packet: Packet, wire: Wire): Uint8Array {
  const { family, source, destination, protocol } = packet;
  const transport = protocol === TCP ? tcpSyn(packet) : udp(packet, wire.payload);
  const pseudo = [...source, ...destination, ...be32(transport.length), 0, 0, 0, protocol];
  const sumAt = protocol === TCP ? 16 : 6;
  transport.splice(sumAt, 2, ...be16(checksum([...pseudo, ...transport]) || 0xffff));
  return Uint8Array.from(family === 4 ? ipv4(packet, wire, transport) : ipv6(packet, wire, transport));
}

function ipv4(
  { source, destination, protocol }: Packet,
  { options }: Wire,
  transport: readonly number[],
): number[] {
  const size = 20 + options * 4;
  const start = [0x40 | (size / 4), 0, ...be16(size + transport.length), 0, 0, 0x40, 0, 64, protocol];
  const end = [...source, ...destination, ...new Array<number>(options * 4).fill(1)];
  return [...start, ...be16(checksum([...start, 0, 0, ...end])), ...end, ...transport];
}

function ipv6(
  { source, destination, protocol }: Packet,
  { extensions }: Wire,
  transport: readonly number[],
): number[] {
  const headers: number[] = [];
  // Eight bytes each: next header, no further length, a PadN option of four bytes.
  for (let left = extensions; left > 0; left--) headers.push(left > 1 ? 60 : protocol, 0, 1, 4, 0, 0, 0, 0);
  const length = be16(headers.length + transport.length);
  const next = extensions > 0 ? 60 : protocol;
  return [0x60, 0, 0, 0, ...length, next, 64, ...source, ...destination, ...headers, ...transport];
}

function udp({ sourcePort, destinationPort }: Packet, payload: readonly number[]): number[] {
  return [...be16(sourcePort), ...be16(destinationPort), ...be16(8 + payload.length), 0, 0, ...payload];
}

function tcpSyn({ sourcePort, destinationPort }: Packet): number[] {
  const mss = [2, 4, 5, 0xb4];
  const flags = [0x60, 0x02];
  return [
    ...be16(sourcePort),
    ...be16(destinationPort),
    ...be32(1),
    ...be32(0),
    ...flags,
    0x10,
    0,
    0,
    0,
    0,
    0,
    ...mss,
  ];
}

function be16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

function be32(value: number): number[] {
  return [...be16(value >>> 16), ...be16(value)];
}

/** The ones' complement sum of RFC 1071. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
