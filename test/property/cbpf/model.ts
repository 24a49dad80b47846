import type { AddressSet, Packet, Policy, PortRange, Verdict } from '../../../src/policy/index.js';

/**
 * The meaning of a policy in as few words as possible, written without a look at any back-end: rule after rule,
 * range after range.
 */
export function judge(policy: Policy, packet: Packet): Verdict {
  const rule = policy.rules.find(
    ({ match }) =>
      (match.interfaces?.includes(packet.ifname) ?? true) &&
      (match.protocols?.includes(packet.protocol) ?? true) &&
      holds(match.source, packet.source) &&
      holds(match.destination, packet.destination) &&
      holdsPort(match.sourcePorts, packet.sourcePort) &&
      holdsPort(match.destinationPorts, packet.destinationPort),
  );
  return rule?.verdict ?? policy.default;
}

function holdsPort(ports: readonly PortRange[] | undefined, port: number): boolean {
  return ports?.some(({ first, last }) => first <= port && port <= last) ?? true;
}

function holds(set: AddressSet | undefined, bytes: readonly number[]): boolean {
  if (set === undefined) return true;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const plain = hex.replace(/^0{20}ffff(?=.{8}$)/, '');
  const value = BigInt(`0x${plain}`);
  const step = plain.length === 8 ? 2 : 4;
  const numbers = step === 2 ? [...set.v4].map(BigInt) : join64(set.v6);
  for (let i = 0; i < numbers.length; i += 2) {
    if ((numbers[i] ?? 0n) <= value && value <= (numbers[i + 1] ?? 0n)) return true;
  }
  return false;
}

function join64(halves: BigUint64Array): bigint[] {
  return Array.from({ length: halves.length / 2 }, (_, i) => {
    return (halves[i * 2] ?? 0n) * 2n ** 64n + (halves[i * 2 + 1] ?? 0n);
  });
}
