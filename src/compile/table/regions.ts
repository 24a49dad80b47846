import type { Edges } from './edges.js';
import type { States } from './states.js';

/** Keys cut into stretches of one result: from each start to the next. The first begins where the keys do. */
export interface Regions {
  readonly width: 1 | 4;
  readonly count: number;
  /** `width` words for each start, strictly increasing. */
  readonly starts: Uint32Array;
  /** References; neighbours differ. */
  readonly results: Uint32Array;
}

/** The edges of rule number `rule`. */
export interface RuleEdges {
  readonly rule: number;
  readonly edges: Edges;
}

/**
 * Sweeps over the edges of all rules of a field at once.
 *
 * @param initial the set of rules that do not look at this field; the others join and leave at their edges
 * @param start the first key, 1 or 4 words
 */
export function sweep(
  rules: readonly RuleEdges[],
  initial: number,
  states: States,
  start: Uint32Array,
): Regions {
  const width = start.length === 4 ? 4 : 1;
  const limit = rules.reduce((sum, { edges }) => sum + edges.words.length / width, 1);
  const starts = new Uint32Array(width * limit);
  const results = new Uint32Array(limit);
  const queue = new Queue(width, rules);
  let state = initial;
  let result = -1;
  let count = 0;
  const position = start.slice();
  for (;;) {
    // All edges at this position first: what holds between them is never seen.
    while (queue.isAt(position)) state = states.toggle(state, queue.takeRule());
    const next = states.referenceOf(state);
    if (next !== result) {
      starts.set(position, width * count);
      results[count] = next;
      result = next;
      count++;
    }
    if (!queue.readPosition(position)) break;
  }
  return { width, count, starts: starts.subarray(0, width * count), results: results.subarray(0, count) };
}

/** The next edges of all rules, smallest position first: a binary heap of rules. */
class Queue {
  private readonly heap: number[] = [];
  private readonly cursors: number[];
  private readonly width: 1 | 4;
  private readonly rules: readonly RuleEdges[];

  constructor(width: 1 | 4, rules: readonly RuleEdges[]) {
    this.width = width;
    this.rules = rules;
    this.cursors = rules.map(() => 0);
    rules.forEach(({ edges }, i) => {
      if (edges.words.length > 0) this.heap.push(i);
    });
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.sink(i);
  }

  /** Whether the smallest edge is at `position`. */
  isAt(position: Uint32Array): boolean {
    const top = this.heap[0];
    if (top === undefined) return false;
    for (let i = 0; i < this.width; i++) if (this.word(top, i) !== position[i]) return false;
    return true;
  }

  /** Copies the smallest edge's position. @returns false when there is none left */
  readPosition(position: Uint32Array): boolean {
    const top = this.heap[0];
    if (top === undefined) return false;
    for (let i = 0; i < this.width; i++) position[i] = this.word(top, i);
    return true;
  }

  /** Removes the smallest edge. @returns its rule */
  takeRule(): number {
    const top = this.heap[0] ?? 0;
    const cursor = (this.cursors[top] ?? 0) + this.width;
    this.cursors[top] = cursor;
    const each = this.rules[top];
    if (each === undefined || cursor >= each.edges.words.length) {
      const last = this.heap.pop() ?? 0;
      if (this.heap.length > 0) this.heap[0] = last;
    }
    if (this.heap.length > 1) this.sink(0);
    return each?.rule ?? 0;
  }

  private word(item: number, i: number): number {
    return this.rules[item]?.edges.words[(this.cursors[item] ?? 0) + i] ?? 0;
  }

  private isBefore(a: number, b: number): boolean {
    for (let i = 0; i < this.width; i++) {
      const difference = this.word(a, i) - this.word(b, i);
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  private sink(from: number): void {
    const { heap } = this;
    for (let at = from; ; ) {
      let child = 2 * at + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.isBefore(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
      const [a, b] = [heap[at] ?? 0, heap[child] ?? 0];
      if (!this.isBefore(b, a)) return;
      heap[at] = b;
      heap[child] = a;
      at = child;
    }
  }
}
