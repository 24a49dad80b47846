import { describe, expect, it } from 'vitest';
import { interpret, type Mode, programBytes, viewPacket } from '../../../../src/bpf/cbpf/index.js';
import { compilePolicy, explainProgram, type Target } from '../../../../src/compile/classic/index.js';
import { AlfError } from '../../../../src/errors/index.js';
import type { Match, Packet, Policy } from '../../../../src/policy/index.js';
import { encodePacket } from '../../../property/cbpf/packets.js';
import { anything, ifindexOf, prefixPolicy, ruleOf, setOf } from '../../../property/cbpf/policies.js';
import { Random } from '../../../property/cbpf/random.js';

const socket: Target = { mode: 'socket', protocol: 'tcp', allow: 0xffffffff, deny: 0, ifindexOf };
const reuseport: Target = { ...socket, mode: 'reuseport', allow: 1 };
const ten = setOf([{ family: 4, first: 0x0a000000n, last: 0x0affffffn }]);

function policy(...matches: Partial<Match>[]): Policy {
  return {
    rules: matches.map((match, i) => ruleOf({ ...anything, ...match }, 'allow', i + 1)),
    default: 'deny',
  };
}

const packet4: Packet = {
  family: 4,
  source: [10, 0, 0, 1],
  destination: [192, 0, 2, 1],
  protocol: 6,
  sourcePort: 1234,
  destinationPort: 443,
  ifname: 'tun0',
};
const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function verdictOf(rules: Policy, target: Target, packet: Packet, extensions = 0): number {
  const bytes = encodePacket(packet, { options: 0, extensions, payload: [] });
  const ifindex = ifindexOf.get(packet.ifname) ?? 0;
  return interpret(compilePolicy(rules, target).program, viewPacket(bytes, target.mode, ifindex)).verdict;
}

describe('compilePolicy', () => {
  it('is a single return where every packet has the same verdict', () => {
    expect(compilePolicy(policy(), socket).program).toEqual([{ op: 'retK', k: 0 }]);
  });

  it('denies what is neither IPv4 nor IPv6, even where everything is allowed', () => {
    const { program } = compilePolicy({ rules: [], default: 'allow' }, socket);
    const view = { bytes: new Uint8Array(64), dataOffset: 0, ifindex: 2 };
    expect(interpret(program, { ...view, protocol: 0x0800 }).verdict).toBe(0xffffffff);
    expect(interpret(program, { ...view, protocol: 0x86dd }).verdict).toBe(0xffffffff);
    expect(interpret(program, { ...view, protocol: 0x0806 }).verdict).toBe(0);
  });

  it.each([socket, reuseport])('judges ::ffff:a.b.c.d as the IPv4 address: $mode', (target) => {
    const source = [...mapped, ...packet4.source];
    const six: Packet = { ...packet4, family: 6, source, destination: new Array<number>(16).fill(1) };
    expect(verdictOf(policy({ source: ten }), target, six)).toBe(target.allow);
    const all6 = setOf([{ family: 6, first: 0n, last: (1n << 128n) - 1n }]);
    expect(verdictOf(policy({ source: all6 }), target, six)).toBe(0);
  });

  it('shares the search of IPv4 sources with ::ffff:0:0/96', () => {
    const { rules } = prefixPolicy(new Random(1), 500, 4);
    // Not shared, each prefix would be there twice: 1,000 comparisons at least.
    expect(compilePolicy({ rules, default: 'deny' }, socket).program.length).toBeLessThan(700);
  });

  it('denies IPv6 packets with extension headers in reuseport mode where a rule asks for a port', () => {
    const six: Packet = {
      ...packet4,
      family: 6,
      source: new Array<number>(16).fill(2),
      destination: new Array<number>(16).fill(1),
    };
    const ports = policy({ destinationPorts: [{ first: 443, last: 443 }] });
    expect(verdictOf(ports, reuseport, six)).toBe(1);
    expect(verdictOf(ports, reuseport, six, 1)).toBe(0);
    expect(verdictOf(ports, socket, six, 1)).toBe(0xffffffff);
    const noPorts = policy({ destination: setOf([{ family: 6, first: 0n, last: (1n << 128n) - 1n }]) });
    expect(verdictOf(noPorts, reuseport, six, 1)).toBe(1);
  });

  it.each<[string, Partial<Match>, number]>([
    ['no interfaces', { interfaces: [] }, 0],
    ['no protocols', { protocols: [] }, 0],
    ['another protocol', { protocols: [17] }, 0],
    ['the protocol of the listener', { protocols: [17, 6] }, 0xffffffff],
    ['an empty set of sources', { source: setOf([]) }, 0],
    ['an empty set of destinations', { destination: setOf([]) }, 0],
    ['no ports', { destinationPorts: [] }, 0],
    ['all ports', { destinationPorts: [{ first: 0, last: 65535 }] }, 0xffffffff],
    ['another interface', { interfaces: ['tun1'] }, 0],
    ['one of two interfaces', { interfaces: ['tun1', 'tun0'] }, 0xffffffff],
  ])('%s', (_, match, verdict) => {
    expect(verdictOf(policy(match), socket, packet4)).toBe(verdict);
  });

  it('turns many rules for one port each into one search', () => {
    const ports = Array.from({ length: 1900 }, (_, i) => ({
      destinationPorts: [{ first: i * 30, last: i * 30 }],
    }));
    const { program } = compilePolicy(policy(...ports), socket);
    expect(program.length).toBeLessThan(2300);
    const bytes = encodePacket(
      { ...packet4, destinationPort: 30 * 1899 },
      { options: 0, extensions: 0, payload: [] },
    );
    const { verdict, executed } = interpret(program, viewPacket(bytes, 'socket', 2));
    expect(verdict).toBe(0xffffffff);
    expect(executed).toBeLessThan(30);
  });

  it('executes about as much for 1,900 prefixes as for ten', () => {
    const most = [10, 100, 1000, 1900].map((count) => {
      const rules = prefixPolicy(new Random(3), count, 4);
      const { program } = compilePolicy(rules, socket);
      const random = new Random(4);
      const counts = Array.from({ length: 500 }, () => {
        const bytes = encodePacket(
          { ...packet4, source: random.bytes(4) },
          { options: 0, extensions: 0, payload: [] },
        );
        return interpret(program, viewPacket(bytes, 'socket', 2)).executed;
      });
      return Math.max(...counts);
    });
    expect(most.at(-1)).toBeLessThanOrEqual((most[0] ?? 0) * 2);
  });

  it('refuses a rule for an interface that does not exist, on both sides', () => {
    for (const verdict of ['allow', 'deny'] as const) {
      const rules = [ruleOf({ ...anything, interfaces: ['eth7'] }, verdict)];
      expect(() => compilePolicy({ rules, default: 'allow' }, socket)).toThrow(
        expect.objectContaining({
          code: 'ALF_RULE',
          message: expect.stringContaining('test:1:1: no such interface: eth7'),
        }),
      );
    }
  });
});

describe('capacity', () => {
  it('says by how many instructions a policy is too large, and which tier would take it', () => {
    const error = failure(() => compilePolicy(prefixPolicy(new Random(1), 6000, 4), socket));
    expect(error.code).toBe('ALF_CAPACITY');
    const [, needed, excess] =
      /need (\d+) instructions, (\d+) more than the kernel takes \(4096\)/.exec(error.message) ?? [];
    expect(Number(needed) - Number(excess)).toBe(4096);
    expect(error.remedy).toEqual({ kind: 'use tier', tier: 'ebpf' });
  });

  it.each<[Mode, number]>([
    ['socket', 1],
    ['reuseport', 0],
  ])('knows optmem_max in %s mode', (mode, margin) => {
    const rules = prefixPolicy(new Random(1), 1000, 4);
    const { bytes, program } = compilePolicy(rules, { ...socket, mode });
    expect(bytes).toBe(programBytes(program));
    expect(compilePolicy(rules, { ...socket, mode, optmemMax: bytes + margin }).bytes).toBe(bytes);
    const error = failure(() => compilePolicy(rules, { ...socket, mode, optmemMax: bytes + margin - 1 }));
    expect(error.code).toBe('ALF_CAPACITY');
    expect(error.message).toContain(`they need ${bytes} bytes of socket option memory, 1 more than`);
    expect(error.remedy).toEqual({ kind: 'use tier', tier: 'ebpf' });
  });

  it('refuses a million ranges without building a million nodes', () => {
    const v4 = Uint32Array.from({ length: 2_000_000 }, (_, i) => Math.floor(i / 2) * 4000);
    const error = failure(() => compilePolicy(policy({ source: { v4, v6: new BigUint64Array(0) } }), socket));
    expect(error.message).toContain('they need about 1000000 instructions, 995904 more');
  });
});

describe('explainProgram', () => {
  it('says what each instruction looks at', () => {
    const text = explainProgram(
      compilePolicy(policy({ source: ten, destinationPorts: [{ first: 443, last: 443 }] }), socket),
    );
    expect(text).toMatch(/^; \d+ of 4096 instructions, \d+ bytes of socket option memory\n/);
    expect(text).toMatch(/jeq #2048, L\d+ +; IPv4\n/);
    expect(text).toMatch(/ld \[0xfff0000c\] +; source address\n/);
    expect(text).toMatch(/jeq #0xa000000, L\d+, L\d+ +; 10\.0\.0\.0\/8\n/);
    expect(text).toMatch(/jeq #443, L\d+, L\d+ +; 443\n/);
    expect(text).toMatch(/ret #0 +; deny\n/);
    expect(text).toMatch(/ret #0xffffffff +; allow\n/);
  });
});

function failure(action: () => unknown): AlfError {
  try {
    action();
  } catch (error) {
    if (error instanceof AlfError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
