import type { Step } from '../../bpf/cbpf/index.js';

/** The index of a node in its graph. */
export type NodeId = number;

/** Where the values from `first` up to the next interval's go. */
export interface Interval {
  readonly first: number;
  readonly target: NodeId;
}

/** One decision, or the end of them. */
export type Node =
  | { readonly kind: 'verdict'; readonly k: number; readonly note: string }
  /** Bring a value into A. */
  | { readonly kind: 'load'; readonly load: Load; readonly next: NodeId }
  /** Find the interval that A lies in. The first one starts at 0; neighbours have different targets. */
  | { readonly kind: 'search'; readonly intervals: readonly Interval[]; readonly show: Show };

/** How the values whose first `length` bits are those of `value` show in a listing; 32 bits are one value. */
export type Show = (value: number, length: number) => string;

/** How a value comes into A. */
export interface Load {
  /** Tells loads apart: an equal name means equal steps. */
  readonly what: string;
  readonly steps: readonly Step[];
  readonly show: Show;
}

/**
 * Decisions as a graph without cycles in which equal nodes exist once: the common part of two paths is shared
 * automatically, and a decision whose outcomes are all the same vanishes.
 */
export class Graph {
  readonly #nodes: Node[] = [];
  readonly #ids = new Map<string, NodeId>();

  /** How many nodes there are, those no longer in use included. */
  get size(): number {
    return this.#nodes.length;
  }

  node(id: NodeId): Node {
    const node = this.#nodes[id];
    if (node === undefined) throw new RangeError(`node ${id} of ${this.#nodes.length}`);
    return node;
  }

  verdict(k: number, note: string): NodeId {
    return this.#intern(`verdict ${k}`, { kind: 'verdict', k, note });
  }

  /** A load before a node. */
  load(load: Load, next: NodeId): NodeId {
    return this.#intern(`load ${load.what} ${next}`, { kind: 'load', load, next });
  }

  /**
   * A load and a search of what it brought; the target itself where all intervals lead to the same one.
   *
   * @param intervals in ascending order, the first one from 0; their targets do not read A
   */
  decide(load: Load, intervals: readonly Interval[]): NodeId {
    const distinct = mergeIntervals(intervals);
    const [only] = distinct;
    if (only !== undefined && distinct.length === 1) return only.target;
    const key = distinct.map(({ first, target }) => `${first}:${target}`).join(' ');
    // What is searched is not part of the key: any load may lead into an equal search.
    return this.load(
      load,
      this.#intern(`search ${key}`, { kind: 'search', intervals: distinct, show: load.show }),
    );
  }

  /** The nodes that can be reached from `root`, each before those it leads to. */
  reachable(root: NodeId): NodeId[] {
    const finished: NodeId[] = [];
    const seen = new Set<NodeId>([root]);
    const open = [{ id: root, rest: this.targets(root) }];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      // Last target first, so that in the reversed order the first one follows its parent: jumps stay short.
      const target = top.rest.pop();
      if (target === undefined) {
        finished.push(top.id);
        open.pop();
      } else if (!seen.has(target)) {
        seen.add(target);
        open.push({ id: target, rest: this.targets(target) });
      }
    }
    return finished.reverse();
  }

  /** The nodes that a node leads to, each once. */
  targets(id: NodeId): NodeId[] {
    const node = this.node(id);
    if (node.kind === 'verdict') return [];
    return node.kind === 'load' ? [node.next] : [...new Set(node.intervals.map(({ target }) => target))];
  }

  #intern(key: string, node: Node): NodeId {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#nodes.length);
    return this.#nodes.push(node) - 1;
  }
}

/** Joins neighbours that have the same target. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  return intervals.filter(({ target }, i) => i === 0 || intervals[i - 1]?.target !== target);
}
