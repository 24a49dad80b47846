import { describe, expect, it } from 'vitest';
import { checkProgram, interpret, type Mode, viewPacket } from '../../../src/bpf/cbpf/index.js';
import { compilePolicy, type Target } from '../../../src/compile/classic/index.js';
import { AlfError } from '../../../src/errors/index.js';
import { evaluate, type Policy } from '../../../src/policy/index.js';
import { judge } from './model.js';
import { encodePacket, PacketSource } from './packets.js';
import { ifindexOf, prefixPolicy, randomPolicy } from './policies.js';
import { Random, seedOf } from './random.js';

const PROTOCOL = { tcp: 6, udp: 17 } as const;

describe('evaluate = vm', () => {
  it('1,500 tangled policies, 60 packets each', { timeout: 120_000 }, () => {
    const random = new Random(seedOf('tangled policies'));
    for (let i = 0; i < 1500; i++) {
      const shape = { six: random.pick([0, 50, 100]), anybody: random.pick([0, 10, 50]) };
      const policy = randomPolicy(random, {
        ...shape,
        rules: random.below(24),
        fields: random.pick([0, 30, 80]),
      });
      compare(random, policy, 60);
    }
  });

  // Around the reach of a conditional jump, and where several trampolines follow each other.
  for (const rules of [254, 255, 256, 257, 1000, 1900]) {
    it(`${rules} rules`, { timeout: 120_000 }, () => {
      const random = new Random(seedOf(`${rules} rules`));
      compare(random, prefixPolicy(random, rules, 4), 2000);
      compare(random, randomPolicy(random, { rules, fields: 0, six: 10, anybody: 0 }), 1500);
      compare(random, randomPolicy(random, { rules: rules >> 3, fields: 60, six: 20, anybody: 2 }), 1000);
    });
  }

  for (const family of [4, 6] as const) {
    it(`as many IPv${family} prefixes as fit`, { timeout: 120_000 }, () => {
      const random = new Random(seedOf(`capacity of IPv${family}`));
      const { rules } = prefixPolicy(random, 4000, family);
      const most = mostThatFit((count) => ({ rules: rules.slice(0, count), default: 'deny' }), rules.length);
      expect(most).toBeGreaterThan(family === 4 ? 2800 : 600);
      expect(most).toBeLessThan(rules.length);
      compare(random, { rules: rules.slice(0, most), default: 'deny' }, 1500);
    });
  }
});

function compare(random: Random, policy: Policy, packets: number): void {
  const mode: Mode = random.pick(['socket', 'reuseport']);
  const protocol = random.pick(['tcp', 'udp'] as const);
  const target: Target = { mode, protocol, allow: mode === 'socket' ? 0xffffffff : 1, deny: 0, ifindexOf };
  const program = compileIfSmall(policy, target);
  if (program === undefined) return;
  expect(checkProgram(program)).toBeUndefined();
  const source = new PacketSource(random, policy, PROTOCOL[protocol]);
  for (let i = 0; i < packets; i++) {
    const packet = source.next();
    const wire = source.wire(packet);
    const view = viewPacket(encodePacket(packet, wire), mode, ifindexOf.get(packet.ifname) ?? 0);
    const { verdict } = interpret(program, view);
    const meaning = evaluate(policy, packet).verdict;
    expect(judge(policy, packet)).toBe(meaning);
    const judged = meaning === 'allow' ? target.allow : target.deny;
    // Behind extension headers a reuseport program finds no ports: it may deny what is allowed, never the reverse.
    if (verdict === judged || (mode === 'reuseport' && wire.extensions > 0 && verdict === target.deny))
      continue;
    expect.fail(
      `${mode} ${protocol}: ${verdict} instead of ${judged} for ${JSON.stringify({ packet, wire })}`,
    );
  }
}

/** Rules with many fields may not fit; that is an answer as well, as long as it is this one. */
function compileIfSmall(
  policy: Policy,
  target: Target,
): ReturnType<typeof compilePolicy>['program'] | undefined {
  try {
    return compilePolicy(policy, target).program;
  } catch (error) {
    expect(error).toBeInstanceOf(AlfError);
    expect(error).toHaveProperty('code', 'ALF_CAPACITY');
    return undefined;
  }
}

function mostThatFit(policyOf: (count: number) => Policy, limit: number): number {
  const target: Target = { mode: 'socket', protocol: 'tcp', allow: 0xffffffff, deny: 0, ifindexOf };
  let [low, high] = [0, limit];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (compileIfSmall(policyOf(middle), target) === undefined) high = middle - 1;
    else low = middle;
  }
  return low;
}
