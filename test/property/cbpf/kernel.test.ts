import { beforeAll, expect, it } from 'vitest';
import {
  checkProgram,
  formatProgram,
  interpret,
  type Mode,
  viewPacket,
} from '../../../src/bpf/cbpf/index.js';
import { type CompiledPolicy, compilePolicy } from '../../../src/compile/classic/index.js';
import { evaluate, type Packet, type Policy } from '../../../src/policy/index.js';
import { describeWith } from '../../support/requires.js';
import { type Job, KernelOracle } from './kernel.js';
import { judge } from './model.js';
import { encodePacket, PacketSource } from './packets.js';
import { prefixPolicy, randomPolicy } from './policies.js';
import { randomProgram } from './programs.js';
import { Random, seedOf } from './random.js';

const PROTOCOL = { tcp: 6, udp: 17 } as const;

interface Case extends Job {
  readonly compiled: CompiledPolicy;
  /** A letter a packet, as the kernel should answer. */
  readonly expected: string;
}

describeWith(['root'], 'evaluate = vm = kernel', () => {
  let oracle: KernelOracle;
  let ifindexOf: ReadonlyMap<string, number> = new Map();

  beforeAll(() => {
    oracle = new KernelOracle();
    const [tun0, tun1] = oracle.ifindexes();
    // Nothing comes in on wg0 here: rules that name it match nothing.
    ifindexOf = new Map(Object.entries({ tun0, tun1, wg0: 0x7fff_ffff }));
  });

  const plan: readonly [name: string, mode: Mode, protocol: 'tcp' | 'udp', jobs: number, packets: number][] =
    [
      ['UDP socket filters', 'socket', 'udp', 800, 120],
      ['UDP reuseport programs', 'reuseport', 'udp', 200, 120],
      ['TCP socket filters', 'socket', 'tcp', 120, 60],
      ['TCP reuseport programs', 'reuseport', 'tcp', 120, 60],
    ];
  // More than 100,000 of them on tier classic.
  for (const [name, mode, protocol, jobs, packets] of plan) {
    it(`${name}: ${jobs * packets} packets`, { timeout: 120_000 }, () => {
      const random = new Random(seedOf(name));
      const cases = Array.from({ length: jobs }, (_, i) =>
        caseOf(random, policyOf(random, i), mode, protocol, ifindexOf, packets),
      );
      const answers = oracle.ask(cases);
      for (const [i, { expected, compiled }] of cases.entries()) {
        const { errno, verdicts, bytes } = answers[i] ?? { errno: -1, verdicts: '', bytes: 0 };
        expect({ job: i, errno, verdicts }).toEqual({ job: i, errno: 0, verdicts: expected });
        // The charge is that of one kernel version; others translate a load a little differently.
        if (mode === 'socket') expect(Math.abs(bytes / compiled.bytes - 1)).toBeLessThan(0.25);
      }
    });
  }

  it('any programs: the checker and the interpreter agree with the kernel', { timeout: 120_000 }, () => {
    const random = new Random(seedOf('any programs'));
    const policy: Policy = { rules: [], default: 'deny' };
    const source = new PacketSource(random, policy, PROTOCOL.udp);
    const mode: Mode = 'socket';
    const jobs = Array.from({ length: 3000 }, (): Job => {
      const program = randomProgram(random, random.below(40));
      const packets = Array.from({ length: checkProgram(program) === undefined ? 8 : 0 }, () => {
        const packet = { ...source.next(), destinationPort: 80 };
        return isRoutable(packet) ? [{ device: 0, bytes: encodePacket(packet, source.wire(packet)) }] : [];
      }).flat();
      return { mode, protocol: PROTOCOL.udp, program, ports: [80], packets };
    });
    for (const [i, { errno, verdicts }] of oracle.ask(jobs).entries()) {
      const { program, packets } = jobs[i] ?? { program: [], packets: [] };
      const ifindex = ifindexOf.get('tun0') ?? 0;
      const expected = packets.map(
        ({ bytes }) => interpret(program, viewPacket(bytes, mode, ifindex)).verdict,
      );
      const letters = expected.map((verdict) => (verdict === 0 ? 'D' : 'A')).join('');
      const listing = formatProgram(program);
      expect({ listing, verdicts }).toEqual({ listing, verdicts: letters });
      expect({ listing, accepted: errno === 0 }).toEqual({
        listing,
        accepted: checkProgram(program) === undefined,
      });
    }
    // Both outcomes must have come up.
    expect(new Set(jobs.map(({ program }) => checkProgram(program) === undefined)).size).toBe(2);
  });
});

/** Every thirtieth policy is a large one, the others are small and tangled. */
function policyOf(random: Random, i: number): Policy {
  const large = [254, 255, 256, 257, 1000, 1900, 3000];
  const family = random.chance(75) ? 4 : 6;
  if (i % 30 === 29)
    return prefixPolicy(random, family === 4 ? random.pick(large) : 254 + random.below(4), family);
  const shape = { six: random.pick([0, 50, 100]), anybody: random.pick([0, 10, 40]) };
  return randomPolicy(random, { ...shape, rules: 1 + random.below(24), fields: random.pick([0, 30, 80]) });
}

function caseOf(
  random: Random,
  policy: Policy,
  mode: Mode,
  protocol: 'tcp' | 'udp',
  ifindexOf: ReadonlyMap<string, number>,
  count: number,
): Case {
  const [allow, deny] = mode === 'socket' ? [0xffffffff, 0] : [1, 0];
  const compiled = compilePolicy(policy, { mode, protocol, allow, deny, ifindexOf });
  const source = new PacketSource(random, policy, PROTOCOL[protocol]);
  const ports = portsOf(random, source);
  const seen = new Set<string>();
  const packets: { device: number; bytes: Uint8Array }[] = [];
  let expected = '';
  while (packets.length < count) {
    const drawn = source.next();
    const ifname = random.pick(['tun0', 'tun1']);
    const packet = { ...drawn, ifname, destinationPort: random.pick(ports) };
    // A second SYN of the same connection would not be answered at once.
    const flow = JSON.stringify([
      packet.source,
      packet.destination,
      packet.sourcePort,
      packet.destinationPort,
    ]);
    if (!isRoutable(packet) || (protocol === 'tcp' && seen.has(flow))) continue;
    seen.add(flow);
    const wire = source.wire(packet);
    const bytes = encodePacket(packet, wire);
    const { verdict } = interpret(compiled.program, viewPacket(bytes, mode, ifindexOf.get(ifname) ?? 0));
    const meaning = evaluate(policy, packet).verdict;
    expect(judge(policy, packet)).toBe(meaning);
    const judged = meaning === 'allow' ? allow : deny;
    // Ports behind extension headers are out of a reuseport program's sight: it may deny what is allowed.
    if (mode === 'reuseport' && wire.extensions > 0) expect([judged, deny]).toContain(verdict);
    else expect(verdict).toBe(judged);
    packets.push({ device: ifname === 'tun0' ? 0 : 1, bytes });
    expected += verdict === allow ? 'A' : 'D';
  }
  return {
    mode,
    protocol: PROTOCOL[protocol],
    program: compiled.program,
    ports,
    packets,
    compiled,
    expected,
  };
}

function portsOf(random: Random, source: PacketSource): number[] {
  const drawn = Array.from({ length: 4 }, () => source.next().destinationPort || 1);
  return [...new Set([...drawn, 1 + random.below(65535)])];
}

/** Whether the kernel lets a packet come as far as a socket: it drops "martians" before. */
function isRoutable({ family, source, destination, sourcePort }: Packet): boolean {
  if (sourcePort === 0) return false;
  return [source, destination].every((bytes) => {
    const [first = 0, second = 0] = bytes;
    if (family === 4) return first !== 0 && first !== 127 && first < 224;
    // Multicast, link-local, and the first 2^-80 of all addresses: unspecified, loopback, IPv4-mapped.
    const local = first === 0xfe && second >> 6 === 2;
    return first !== 0xff && !local && bytes.slice(0, 10).some((byte) => byte !== 0);
  });
}
