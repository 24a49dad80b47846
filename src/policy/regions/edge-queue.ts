import { copyWords, type Width } from '../rows.js';
import { compareWords } from '../sorted-order.js';
import type { Edges } from './edges.js';

/** The next edges of all sets, smallest key first: a binary heap of sets. */
export class EdgeQueue {
  readonly #width: Width;
  readonly #words: readonly Uint32Array[];
  /** For each set the word at which its next edge starts. */
  readonly #cursors: number[];
  readonly #heap: number[] = [];

  constructor(width: Width, sets: readonly Edges[]) {
    this.#width = width;
    this.#words = sets.map(({ words }) => words);
    this.#cursors = sets.map(() => 0);
    for (const [set, { words }] of sets.entries()) if (words.length > 0) this.#heap.push(set);
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  /** Whether the smallest edge is at `position`; there is one. */
  isAt(position: Uint32Array): boolean {
    const set = this.#heap[0] as number;
    return (
      compareWords(
        this.#words[set] as Uint32Array,
        this.#cursors[set] as number,
        position,
        0,
        this.#width,
      ) === 0
    );
  }

  /** Copies the smallest edge's position; there is one. */
  readPosition(position: Uint32Array): void {
    const set = this.#heap[0] as number;
    copyWords(this.#words[set] as Uint32Array, this.#cursors[set] as number, position, 0, this.#width);
  }

  /** Removes the smallest edge; there is one. @returns the index of its set */
  takeSet(): number {
    const heap = this.#heap;
    const set = heap[0] as number;
    const cursor = (this.#cursors[set] as number) + this.#width;
    this.#cursors[set] = cursor;
    if (cursor === (this.#words[set] as Uint32Array).length) {
      const last = heap.pop() as number;
      if (heap.length > 0) heap[0] = last;
    }
    if (heap.length > 1) this.#sink(0);
    return set;
  }

  #isBefore(a: number, b: number): boolean {
    const [wordsA, wordsB] = [this.#words[a] as Uint32Array, this.#words[b] as Uint32Array];
    return (
      compareWords(wordsA, this.#cursors[a] as number, wordsB, this.#cursors[b] as number, this.#width) < 0
    );
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let at = from; ; ) {
      let child = 2 * at + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1] as number, heap[child] as number))
        child++;
      const [a, b] = [heap[at] as number, heap[child] as number];
      if (!this.#isBefore(b, a)) return;
      heap[at] = b;
      heap[child] = a;
      at = child;
    }
  }
}
