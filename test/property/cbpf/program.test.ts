import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../../src/bpf/cbpf/index.js';
import {
  assemble,
  checkProgram,
  disassemble,
  interpret,
  layOut,
  type Program,
  viewPacket,
} from '../../../src/bpf/cbpf/index.js';
import { run } from './machine.js';
import { encodePacket, PacketSource } from './packets.js';
import { randomProgram } from './programs.js';
import { Random, seedOf } from './random.js';

const programs = fc
  .tuple(fc.integer(), fc.nat({ max: 60 }))
  .map(([seed, length]): Program => randomProgram(new Random(seed), length));

describe('programs of any instructions', () => {
  it('assemble and disassemble are inverse', () => {
    const inverse = fc.property(programs, (program) => {
      expect(disassemble(assemble(program))).toEqual(program);
    });
    fc.assert(inverse, { seed: seedOf('assemble'), numRuns: 2000 });
  });

  it('whatever bytes disassemble takes, assemble gives back', () => {
    // Opcodes, mostly; four zero bytes make more of them valid.
    const insn = fc.tuple(fc.nat({ max: 0xbf }), fc.uint8Array({ minLength: 4, maxLength: 4 }));
    const bytes = insn.map(([code, k]) => Uint8Array.from([...host16(code), 0, 0, ...k]));
    fc.assert(
      fc.property(bytes, (raw) => {
        let program: Program;
        try {
          program = disassemble(raw);
        } catch {
          return;
        }
        expect(assemble(program)).toEqual(raw);
      }),
      { seed: seedOf('disassemble'), numRuns: 5000 },
    );
  });

  it('the interpreter agrees with another one, made from the binary form', () => {
    const random = new Random(seedOf('interpreters'));
    const source = new PacketSource(random, { rules: [], default: 'deny' }, 17);
    for (let i = 0; i < 20_000; i++) {
      const program = randomProgram(random, random.below(40));
      if (checkProgram(program) !== undefined) continue;
      const packet = source.next();
      const view = viewPacket(
        encodePacket(packet, source.wire(packet)),
        random.pick(['socket', 'reuseport']),
        7,
      );
      expect(interpret(program, view).verdict).toBe(run(program, view));
    }
  });
});

describe('layout', () => {
  it('keeps every way through blocks of any length', () => {
    const random = new Random(seedOf('layout'));
    for (let i = 0; i < 400; i++) {
      const blocks = randomBlocks(random, 2 + random.below(12));
      const program = layOut(blocks).map(({ insn }) => insn);
      expect(checkProgram(program)).toBeUndefined();
      for (let j = 0; j < 20; j++) {
        const key = random.below(blocks.length + 2);
        const view = { bytes: new Uint8Array(0), dataOffset: 0, protocol: key, ifindex: 0 };
        expect(interpret(program, view).verdict).toBe(follow(blocks, key));
      }
    }
  });
});

/** Blocks that compare the ethertype, with up to 400 idle instructions in each. */
function randomBlocks(random: Random, count: number): Block[] {
  return Array.from({ length: count }, (_, i): Block => {
    const later = (): string => `${i + 1 + random.below(count - i - 1)}`;
    const idle = random.pick([0, 0, 1, 250, 253, 254, 255, 256, 257, random.below(400)]);
    const steps = Array.from({ length: idle }, () => ({ insn: { op: 'tax' } as const }));
    const load = { insn: { op: 'ldExt', extension: 'proto' } as const };
    if (i >= count - 2)
      return { label: `${i}`, steps: random.chance(50) ? [] : steps, ending: { kind: 'return', k: i } };
    if (random.chance(20)) return { label: `${i}`, steps, ending: { kind: 'goto', to: later() } };
    const ending = {
      kind: 'branch',
      cond: 'jeq',
      k: random.below(count),
      yes: later(),
      no: later(),
    } as const;
    return { label: `${i}`, steps: [...steps, load], ending };
  });
}

function follow(blocks: readonly Block[], key: number): number {
  for (let label = '0'; ; ) {
    const ending = blocks.find((block) => block.label === label)?.ending;
    if (ending === undefined) throw new Error(label);
    if (ending.kind === 'return') return ending.k;
    label = ending.kind === 'goto' ? ending.to : ending.k === key ? ending.yes : ending.no;
  }
}

function host16(value: number): Uint8Array {
  return new Uint8Array(Uint16Array.from([value]).buffer);
}
