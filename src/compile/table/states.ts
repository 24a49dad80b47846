import type { Image } from './image.js';
import { MAX_RULES } from './layout.js';

/** How a set of rules that a key leaves in the race becomes a reference. */
export interface Outcome {
  /** The reference of rule `rule` if it decides alone, for any values of other fields; else undefined. */
  readonly finalOf: (rule: number) => number | undefined;
  /** The reference when no rule is left. */
  readonly otherwise: number;
}

/**
 * The sets of rules that a field's keys leave in the race: its equivalence classes.
 *
 * A set is a number. Going from one to the next by one rule is remembered, so that a million prefixes of a few rules cost
 * a look-up each.
 */
export class States {
  private readonly image: Image;
  private readonly rules: number;
  private readonly outcome: Outcome;
  private readonly sets: Uint32Array[] = [];
  private readonly hashes: number[] = [];
  private readonly byHash = new Map<number, number[]>();
  private readonly steps = new Map<number, number>();
  private readonly references: (number | undefined)[] = [];

  /**
   * @param image where rows go
   * @param rules number of rules
   */
  constructor(image: Image, rules: number, outcome: Outcome) {
    this.image = image;
    this.rules = rules;
    this.outcome = outcome;
  }

  /** The number of a set. */
  of(members: Iterable<number>): number {
    const bits = new Uint32Array(Math.ceil(this.rules / 32));
    let hash = 0;
    for (const rule of members) {
      flip(bits, rule);
      hash = xor53(hash, hashOf(rule));
    }
    return this.intern(bits, hash);
  }

  /** The set that differs from `state` by `rule`. */
  toggle(state: number, rule: number): number {
    const step = state * MAX_RULES + rule;
    const known = this.steps.get(step);
    if (known !== undefined) return known;
    const bits = (this.sets[state] ?? new Uint32Array()).slice();
    flip(bits, rule);
    const next = this.intern(bits, xor53(this.hashes[state] ?? 0, hashOf(rule)));
    this.steps.set(step, next);
    return next;
  }

  /** The reference for keys of this set; its row is laid out when it is first asked for. */
  referenceOf(state: number): number {
    let ref = this.references[state];
    if (ref === undefined) {
      ref = this.resolve(this.sets[state] ?? new Uint32Array());
      this.references[state] = ref;
    }
    return ref;
  }

  private resolve(bits: Uint32Array): number {
    const word = bits.findIndex((each) => each !== 0);
    if (word < 0) return this.outcome.otherwise;
    const lowest = bits[word] ?? 0;
    const rule = 32 * word + 31 - Math.clz32(lowest & -lowest);
    return this.outcome.finalOf(rule) ?? this.image.putRow(bits);
  }

  private intern(bits: Uint32Array, hash: number): number {
    const candidates = this.byHash.get(hash) ?? [];
    const known = candidates.find((state) => same(this.sets[state], bits));
    if (known !== undefined) return known;
    const state = this.sets.push(bits) - 1;
    this.hashes.push(hash);
    this.byHash.set(hash, [...candidates, state]);
    return state;
  }
}

function flip(bits: Uint32Array, rule: number): void {
  bits[rule >> 5] = ((bits[rule >> 5] ?? 0) ^ (1 << (rule & 31))) >>> 0;
}

function same(a: Uint32Array | undefined, b: Uint32Array): boolean {
  return a?.every((word, i) => word === b[i]) ?? false;
}

/** 53 bits that look random, the same for a rule every time; a set's hash is the XOR of its rules'. */
function hashOf(rule: number): number {
  return (mix(2 * rule) >>> 11) * 2 ** 32 + mix(2 * rule + 1);
}

function xor53(a: number, b: number): number {
  const high = Math.floor(a / 2 ** 32) ^ Math.floor(b / 2 ** 32);
  return high * 2 ** 32 + ((a ^ b) >>> 0);
}

/** A bijection of 32-bit numbers that spreads neighbours far apart. */
function mix(number: number): number {
  let x = (number + 0x9e3779b9) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
