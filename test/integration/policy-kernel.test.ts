import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENTRY } from '../../src/bpf/object/index.js';
import { ENTRY_IN_PLACE, encodePolicy } from '../../src/compile/table/index.js';
import { AddressSetBuilder, evaluate, type Packet, type Policy } from '../../src/policy/index.js';
import { ipPacket } from '../support/frames.js';
import { type CaseLimits, PolicyCases } from '../support/policy-cases.js';
import { PolicyKernel } from '../support/policy-kernel.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';

/** What evaluate says, in the words of the fixture. */
function expectedLine(policy: Policy, packet: Packet): string {
  const { verdict, rule } = evaluate(policy, packet);
  return `${verdict} ${rule === undefined ? -1 : policy.rules.indexOf(rule)}`;
}

/** Judges random packets by random policies and compares every verdict and rule with evaluate's. */
function compare(
  kernel: PolicyKernel,
  how: 'tun' | 'direct',
  policies: number,
  limits: CaseLimits,
  interfaces: Map<string, number>,
): void {
  const random = new Random(seedOf(`packets judged ${how === 'tun' ? 'on sockets' : 'directly'}`));
  const cases = new PolicyCases(random, limits);
  const runs = Array.from({ length: policies }, () => {
    const policy = cases.policy(random.pick([1, 3, 10, 30]));
    return { policy, packets: Array.from({ length: 60 }, () => cases.packet()) };
  });
  const lines = kernel.judge(
    runs.map(({ policy, packets }) => ({
      image: encodePolicy(policy, { interfaces }),
      rules: policy.rules.length,
      packets: packets.map((packet) => ({
        ifindex: interfaces.get(packet.ifname) ?? 0,
        bytes: ipPacket(packet),
      })),
    })),
    how,
  );
  const expected = runs.flatMap(({ policy, packets }) =>
    packets.map((packet) => expectedLine(policy, packet)),
  );
  const wrong = expected.findIndex((line, i) => line !== lines[i]);
  const packet = runs.flatMap(({ packets }) => packets)[wrong];
  expect(lines[wrong], `packet ${wrong}: ${JSON.stringify(packet)}`).toBe(expected[wrong]);
  expect(lines.length).toBe(expected.length);
}

/** 32-bit numbers as the bytes of an address. */
function bytesOf(...words: number[]): number[] {
  return words.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff));
}

/** One rule for each of `count` addresses 10.0.0.0, 10.0.0.2, …, on port 80 unless `plain`. */
function manyRules(count: number, plain: boolean): Policy {
  const nobody = { interfaces: undefined, sourcePorts: undefined, destination: undefined } as const;
  const rules = Array.from({ length: count }, (_, i) => {
    const address = 0x0a000000 + 2 * i;
    return {
      verdict: i % 3 === 0 ? ('deny' as const) : ('allow' as const),
      match: {
        ...nobody,
        protocols: plain ? undefined : [17],
        source: { v4: Uint32Array.of(address, address), v6: new BigUint64Array() },
        destinationPorts: plain ? undefined : [{ first: 80, last: 80 }],
      },
      location: { file: 'many', line: i + 1, column: 1 },
      text: '',
    };
  });
  return { rules, default: 'deny' };
}

/**
 * Rules of which each asks for one of two sources and one of two ports, never for both of what `packet` has, so that in
 * every word of 64 rules there are some for its source and some for its port, and none for it. With `last` there is one.
 */
function crossedRules(count: number, last: boolean): Policy {
  const { rules } = manyRules(count, false);
  const source = (address: number) => ({ v4: Uint32Array.of(address, address), v6: new BigUint64Array() });
  return {
    default: 'deny',
    rules: rules.map((rule, i) => {
      const [address, port] = last && i === count - 1 ? [1, 80] : i % 2 === 0 ? [1, 81] : [2, 80];
      return {
        ...rule,
        verdict: 'allow' as const,
        match: {
          ...rule.match,
          source: source(0x0a000000 + address),
          destinationPorts: [{ first: port, last: port }],
        },
      };
    }),
  };
}

describeWith(['root', 'bpf'], 'loading ebpf/policy.c', () => {
  test('CAP_BPF is enough for the program that asks for nothing else', () => {
    const kernel = new PolicyKernel(ENTRY);
    kernel.loadWithBpfOnly();
    kernel.close();
  });
});

describeWith(['root', 'bpf'], `ebpf/policy.c, ${ENTRY}`, () => testProgram(ENTRY));
describeWith(['root', 'bpf', 'kernelTypes'], `ebpf/policy.c, ${ENTRY_IN_PLACE}`, () =>
  testProgram(ENTRY_IN_PLACE),
);

function testProgram(program: string): void {
  let kernel: PolicyKernel;
  beforeAll(() => {
    kernel = new PolicyKernel(program);
  });
  afterAll(() => kernel.close());

  test('evaluate = kernel for 12,000 packets that real sockets receive', () => {
    const interfaces = new Map([
      ['alf101', 101],
      ['alf102', 102],
    ]);
    // Addresses that a host takes from the wire, whoever it is.
    const within = { 4: [10n << 24n, 8], 6: [0x20010db8n << 96n, 32] } as const;
    compare(
      kernel,
      'tun',
      200,
      { ifnames: [...interfaces.keys()], protocols: [17], ports: true, within },
      interfaces,
    );
  });

  test('evaluate = kernel for 12,000 packets with any address and protocol', () => {
    const interfaces = new Map([
      ['lo', 1],
      ['absent', 1_000_000],
    ]);
    compare(
      kernel,
      'direct',
      200,
      { ifnames: ['lo'], protocols: [1, 6, 17, 58, 132], ports: false },
      interfaces,
    );
  });

  test.each([254, 255, 256, 257, 1000, 1900, 4096])('%i rules decide by the right one', (count) => {
    for (const plain of [true, false]) {
      const policy = manyRules(count, plain);
      const numbers = [0, 1, 63, 64, 65, count >> 1, count - 2, count - 1, count];
      const packets: Packet[] = numbers.flatMap((i) =>
        [0, 1].flatMap((odd) =>
          [80, 81].map((destinationPort) => ({
            family: 4 as const,
            source: [10, 0, ((2 * i + odd) >> 8) & 0xff, (2 * i + odd) & 0xff],
            destination: [10, 1, 2, 3],
            protocol: 17,
            sourcePort: 1000,
            destinationPort,
            ifname: 'alf101',
          })),
        ),
      );
      const lines = kernel.judge(
        [
          {
            image: encodePolicy(policy),
            rules: count,
            packets: packets.map((packet) => ({ ifindex: 101, bytes: ipPacket(packet) })),
          },
        ],
        'tun',
      );
      expect(lines).toEqual(packets.map((packet) => expectedLine(policy, packet)));
    }
  });

  test.each([64, 511, 512, 513, 1025, 4096])(
    '%i rules of which every word looks right and none but the last is',
    (count) => {
      for (const last of [true, false]) {
        const policy = crossedRules(count, last);
        const packets = [1, 2, 3].flatMap((source) =>
          [80, 81].map(
            (destinationPort): Packet => ({
              family: 4,
              source: [10, 0, 0, source],
              destination: [10, 1, 2, 3],
              protocol: 17,
              sourcePort: 1000,
              destinationPort,
              ifname: 'alf101',
            }),
          ),
        );
        const records = packets.map((packet) => ({ ifindex: 101, bytes: ipPacket(packet) }));
        const lines = kernel.judge([{ image: encodePolicy(policy), rules: count, packets: records }], 'tun');
        expect(lines).toEqual(packets.map((packet) => expectedLine(policy, packet)));
      }
    },
  );

  test('sets over many pages: every list is found whole, at the end of its page as well', () => {
    const random = new Random(seedOf('sets over many pages'));
    const word = () => random.word();
    // Crowded, so that lists of all lengths come about.
    const highs = Array.from({ length: 400 }, word);
    const set = new AddressSetBuilder();
    const members4: number[] = [];
    const members6: number[][] = [];
    for (let i = 0; i < 40_000; i++) {
      const at = i % 4 === 0 ? word() : ((random.pick(highs) & ~0xffff) | random.below(0x10000)) >>> 0;
      set.add4(at, at);
      members4.push(at);
      // Networks in a crowd or alone, which the upper half of an address tells apart, and single addresses.
      const alone = i % 8 < 6;
      const words = [alone ? word() : random.pick(highs), random.below(3) === 0 ? word() : i, word(), word()];
      const last = i % 4 === 0 ? words : [...words.slice(0, 2), 0xffffffff, 0xffffffff];
      set.add6(Uint32Array.from(i % 4 === 0 ? words : [...words.slice(0, 2), 0, 0]), Uint32Array.from(last));
      members6.push(i % 3 === 0 ? last : words);
    }
    const source = set.build();
    const base = manyRules(1, true);
    const policy = {
      ...base,
      rules: base.rules.map((rule) => ({ ...rule, match: { ...rule.match, source } })),
    };
    const other = { protocol: 17, sourcePort: 0, destinationPort: 0, ifname: 'lo' };
    const packets = Array.from({ length: 8000 }, (_, i): Packet => {
      const near = random.below(3) - 1;
      if (i % 2 === 0) {
        const address = bytesOf((random.pick(members4) + near) >>> 0);
        return { ...other, family: 4, source: address, destination: [10, 0, 0, 1] };
      }
      const [a = 0, b = 0, c = 0, d = 0] = random.pick(members6);
      return {
        ...other,
        family: 6,
        source: bytesOf(a, (b + random.below(3) - 1) >>> 0, c, (d + near) >>> 0),
        destination: bytesOf(1, 0, 0, 1),
      };
    });
    const image = encodePolicy(policy);
    expect(image.pages).toBeGreaterThan(8);
    const records = packets.map((packet) => ({ ifindex: 1, bytes: ipPacket(packet) }));
    const lines = kernel.judge([{ image, rules: 1, packets: records }], 'direct');
    expect(lines).toEqual(packets.map((packet) => expectedLine(policy, packet)));
  });
}
