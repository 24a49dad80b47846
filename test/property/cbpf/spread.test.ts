import { expect, it } from 'vitest';
import { checkProgram, interpret, programBytes, viewPacket } from '../../../src/bpf/cbpf/index.js';
import {
  type CompiledPolicy,
  compilePolicy,
  spreadListeners,
  type Target,
} from '../../../src/compile/classic/index.js';
import { AlfError } from '../../../src/errors/index.js';
import type { Policy } from '../../../src/policy/index.js';
import { run } from './machine.js';
import { encodePacket, PacketSource } from './packets.js';
import { ifindexOf, prefixPolicy, randomPolicy } from './policies.js';
import { Random, seedOf } from './random.js';

const TARGET: Target = { mode: 'reuseport', protocol: 'tcp', allow: 1, deny: 0, ifindexOf };
const TCP = 6;
const MAX_INSNS = 4096;
const TAIL_INSNS = 4;

/** The program with the number of listeners, as the runtime writes it. */
function forListeners(compiled: CompiledPolicy, count: number) {
  const { program, spread } = spreadListeners(compiled, undefined);
  expect(program[spread]).toEqual({ op: 'aluK', alu: 'mod', k: 1 });
  return program.map((insn, at) => (at === spread ? ({ op: 'aluK', alu: 'mod', k: count } as const) : insn));
}

/** Undefined for rules that do not fit. */
function compiled(policy: Policy): CompiledPolicy | undefined {
  try {
    return compilePolicy(policy, TARGET);
  } catch (error) {
    expect(error).toHaveProperty('code', 'ALF_CAPACITY');
    return undefined;
  }
}

function compare(random: Random, policy: Policy, packets: number): void {
  const plain = compiled(policy);
  if (plain === undefined || plain.program.length > MAX_INSNS - TAIL_INSNS) return;
  const count = random.pick([1, 2, 3, 7, 64, 480]);
  const spread = forListeners(plain, count);
  expect(checkProgram(spread)).toBeUndefined();
  const source = new PacketSource(random, policy, TCP);
  for (let i = 0; i < packets; i++) {
    const packet = source.next();
    const bytes = encodePacket(packet, source.wire(packet));
    const draw = random.next();
    const view = { ...viewPacket(bytes, 'reuseport', ifindexOf.get(packet.ifname) ?? 0), random: draw };
    const { verdict } = interpret(plain.program, view);
    const expected = verdict === 1 ? 1 + (draw % count) : 0;
    expect(interpret(spread, view).verdict).toBe(expected);
    expect(run(spread, view)).toBe(expected);
  }
}

it('the spread program allows and denies what the plain one does', { timeout: 120_000 }, () => {
  const random = new Random(seedOf('spread programs'));
  for (let i = 0; i < 400; i++) {
    const shape = { six: random.pick([0, 50, 100]), anybody: random.pick([0, 10, 50]) };
    compare(
      random,
      randomPolicy(random, { ...shape, rules: random.below(24), fields: random.pick([0, 30, 80]) }),
      40,
    );
  }
  for (const rules of [255, 256, 1000, 1900]) compare(random, prefixPolicy(random, rules, 4), 500);
});

it('each of the listeners gets connections', () => {
  const program = forListeners(compilePolicy({ rules: [], default: 'allow' }, TARGET), 5);
  const view = { bytes: new Uint8Array(40).fill(0x45, 0, 1), dataOffset: 40, protocol: 0x0800, ifindex: 1 };
  const verdicts = Array.from(
    { length: 100 },
    (_, random) => interpret(program, { ...view, random }).verdict,
  );
  expect(new Set(verdicts)).toEqual(new Set([1, 2, 3, 4, 5]));
});

it('a program that is full has no room for it', () => {
  const random = new Random(seedOf('full programs'));
  const { rules } = prefixPolicy(random, 4000, 4);
  const sizeOf = (count: number) =>
    compiled({ rules: rules.slice(0, count), default: 'deny' })?.program.length ?? MAX_INSNS + 1;
  let count = 0;
  for (let step = 2048; step >= 1; step /= 2) if (sizeOf(count + step) <= MAX_INSNS) count += step;
  const full = compilePolicy({ rules: rules.slice(0, count), default: 'deny' }, TARGET);
  if (full.program.length <= MAX_INSNS - TAIL_INSNS)
    return expect(spreadListeners(full, undefined)).toBeDefined();
  expect(() => spreadListeners(full, undefined)).toThrow(AlfError);
});

it('its memory is bounded by net.core.optmem_max', () => {
  const plain = compilePolicy({ rules: [], default: 'allow' }, TARGET);
  const { program, bytes } = spreadListeners(plain, undefined);
  expect(bytes).toBe(programBytes(program));
  expect(spreadListeners(plain, bytes).program).toEqual(program);
  expect(() => spreadListeners(plain, bytes - 1)).toThrow(/more than net.core.optmem_max/);
});
