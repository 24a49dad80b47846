import type { Block, Step } from '../../bpf/cbpf/index.js';
import { type Bucket, divide } from './bucket.js';
import type { Graph, Node, NodeId, Show } from './graph.js';

/**
 * Writes a graph of decisions as blocks of instructions, in an order in which every jump goes forward.
 *
 * @param root the node that the program starts with
 */
export function blocksOf(graph: Graph, root: NodeId): Block[] {
  return graph.reachable(root).flatMap((id): Block[] => {
    const node = graph.node(id);
    const label = labelOf(id);
    if (node.kind === 'verdict') {
      return [{ label, steps: [], ending: { kind: 'return', k: node.k, note: node.note } }];
    }
    if (node.kind === 'load') {
      return [{ label, steps: node.load.steps, ending: { kind: 'goto', to: labelOf(node.next) } }];
    }
    return searchBlocks(label, node);
  });
}

const PLACEHOLDER: Block = { label: '', steps: [], ending: { kind: 'return', k: 0 } };

function labelOf(id: NodeId): string {
  return `n${id}`;
}

function searchBlocks(label: string, { intervals, show }: Node & { kind: 'search' }): Block[] {
  const buckets = divide(intervals);
  const blocks: Block[] = [];
  /** Writes the tree over buckets [low, high) and returns the label of its root. */
  const tree = (low: number, high: number, name: string): string => {
    const only = high - low === 1 ? buckets[low] : undefined;
    if (only !== undefined) return bucketBlocks(blocks, only, name, show);
    const middle = (low + high) >>> 1;
    const k = buckets[middle]?.first ?? 0;
    const place = blocks.push(PLACEHOLDER) - 1;
    // The lower half comes right behind: its way goes on without a jump.
    const no = tree(low, middle, `${name}l`);
    const yes = tree(middle, high, `${name}r`);
    const note = () => `from ${show(k, 32)}`;
    blocks[place] = { label: name, steps: [], ending: { kind: 'branch', cond: 'jge', k, yes, no, note } };
    return name;
  };
  tree(0, buckets.length, label);
  return blocks;
}

/** Appends the comparisons of a bucket; one without aligned blocks is nothing but the label of its target. */
function bucketBlocks(blocks: Block[], { blocks: aligned, rest }: Bucket, name: string, show: Show): string {
  if (aligned.length === 0) return labelOf(rest);
  const nameOf = (i: number): string => (i === 0 ? name : `${name}.${i}`);
  let masked = 32;
  for (const [i, { first, length, target }] of aligned.entries()) {
    const steps: Step[] = [];
    if (length < masked) {
      const k = (0xffffffff << (32 - length)) >>> 0;
      steps.push({ insn: { op: 'aluK', alu: 'and', k }, note: `the first ${length} bits` });
      masked = length;
    }
    const no = i + 1 < aligned.length ? nameOf(i + 1) : labelOf(rest);
    const yes = labelOf(target);
    const note = () => show(first, length);
    blocks.push({
      label: nameOf(i),
      steps,
      ending: { kind: 'branch', cond: 'jeq', k: first, yes, no, note },
    });
  }
  return name;
}
