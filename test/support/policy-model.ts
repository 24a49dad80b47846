import fc from 'fast-check';
import type { AddressFamily } from '../../src/net/index.js';
import type { Packet, Verdict } from '../../src/policy/index.js';
import { type ModelRange, modelAddress, modelBytes, modelFamily, modelRange } from './address-model.js';

/** A rule as plain numbers: the other side of a comparison with the product. */
export interface ModelRule {
  readonly verdict: Verdict;
  readonly interfaces: readonly string[] | undefined;
  readonly protocols: readonly number[] | undefined;
  readonly from: readonly ModelRange[] | undefined;
  readonly fromPort: readonly [number, number] | undefined;
  readonly to: readonly ModelRange[] | undefined;
  readonly toPort: readonly [number, number] | undefined;
}

/** A packet as plain numbers. */
export interface ModelPacket {
  readonly family: AddressFamily;
  readonly source: bigint;
  readonly destination: bigint;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ifname: string;
  /** Whether an IPv4 packet shows up as IPv4-mapped IPv6. */
  readonly mapped: boolean;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const port = fc.nat(9);
const portRange = fc.tuple(port, port).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const ranges = fc.array(modelRange, { minLength: 1, maxLength: 3 });
const verdict = fc.constantFrom<Verdict>('allow', 'deny');
const ifname = fc.constantFrom('lo', 'eth0', 'wg-0');

/** A rule of any shape the language has. */
export const modelRule: fc.Arbitrary<ModelRule> = fc
  .record({
    verdict,
    interfaces: maybe(fc.array(ifname, { minLength: 1, maxLength: 2 })),
    protocols: maybe(fc.array(fc.constantFrom(6, 17, 1), { minLength: 1, maxLength: 2 })),
    from: maybe(ranges),
    fromPort: maybe(portRange),
    to: maybe(ranges),
    toPort: maybe(portRange),
  })
  .map((rule) => (rule.protocols?.includes(1) ? { ...rule, fromPort: undefined, toPort: undefined } : rule));

/** A rule that looks at nothing but the source. */
export const modelSourceRule: fc.Arbitrary<ModelRule> = fc.record({
  verdict,
  interfaces: fc.constant(undefined),
  protocols: fc.constant(undefined),
  from: maybe(ranges),
  fromPort: fc.constant(undefined),
  to: fc.constant(undefined),
  toPort: fc.constant(undefined),
});

/** A packet with values the rules speak of. */
export const modelPacket: fc.Arbitrary<ModelPacket> = modelFamily.chain((family) =>
  fc.record({
    family: fc.constant(family),
    source: modelAddress(family),
    destination: modelAddress(family),
    protocol: fc.constantFrom(6, 17, 1, 132),
    sourcePort: port,
    destinationPort: port,
    ifname,
    mapped: fc.boolean(),
  }),
);

/** Writes a rule in the rule language. */
export function writeRule(rule: ModelRule): string {
  const side = (name: string, peers: ModelRule['from'], ports: ModelRule['fromPort']) => {
    if (peers === undefined && ports === undefined) return '';
    const text = peers?.map((range) => range.text).join(',') ?? 'any';
    return ` ${name} ${text}${ports === undefined ? '' : ` port ${ports.join('-')}`}`;
  };
  const interfaces = rule.interfaces === undefined ? '' : ` in on ${rule.interfaces}`;
  const protocols = rule.protocols === undefined ? '' : ` proto ${rule.protocols}`;
  const sides = side('from', rule.from, rule.fromPort) + side('to', rule.to, rule.toPort);
  return rule.verdict + interfaces + protocols + sides;
}

/** What the rules mean, in the plainest way there is: the index of the first that matches, or -1. */
export function firstMatch(rules: readonly ModelRule[], packet: ModelPacket): number {
  return rules.findIndex((rule) => {
    const ports = rule.fromPort !== undefined || rule.toPort !== undefined;
    const protocols = rule.protocols ?? (ports ? [6, 17] : [packet.protocol]);
    const within = (peers: ModelRule['from'], value: bigint) =>
      !peers ||
      peers.some((peer) => peer.family === packet.family && peer.first <= value && value <= peer.last);
    const between = (range: ModelRule['fromPort'], value: number) =>
      !range || (range[0] <= value && value <= range[1]);
    if (!protocols.includes(packet.protocol)) return false;
    if (rule.interfaces && !rule.interfaces.includes(packet.ifname)) return false;
    if (!within(rule.from, packet.source) || !within(rule.to, packet.destination)) return false;
    return between(rule.fromPort, packet.sourcePort) && between(rule.toPort, packet.destinationPort);
  });
}

/** The packet as the product sees it. */
export function toPacket({ source, destination, family, mapped, ...rest }: ModelPacket): Packet {
  const asMapped = mapped && family === 4;
  const bytes = (value: bigint) =>
    asMapped ? modelBytes(6, (0xffffn << 32n) + value) : modelBytes(family, value);
  return { ...rest, family: asMapped ? 6 : family, source: bytes(source), destination: bytes(destination) };
}
