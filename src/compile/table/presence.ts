import type { Cells } from './cells.js';
import type { Image } from './image.js';
import { Tag } from './layout.js';
import { tagOf } from './reference.js';
import { gridOf, slotOf, slotsOf } from './slots.js';

/** Trees with fewer cells fit a processor's cache as they are. */
const WORTHWHILE = 8192;
/** 16 M blocks: 2 MiB. */
const MAX_LOG = 24;

/** A bitmap that tells at once of most blocks of keys that they have the one result most keys have. */
export interface Presence {
  /** Block = offset >>> shift. */
  readonly shift: number;
  /** The position of its first word. */
  readonly bits: number;
  /** The result of a block whose bit is 0. */
  readonly absent: number;
}

/** Lays out the bitmap of a large tree. @returns undefined for a small one, which needs none */
export function putPresence(image: Image, cells: Cells): Presence | undefined {
  if (cells.count < WORTHWHILE) return undefined;
  // Eight blocks for each cell: a key that is in no prefix seldom shares a block with one.
  const grid = gridOf(cells, Math.min(MAX_LOG, 35 - Math.clz32(cells.count)));
  const absent = mostCommon(cells);
  const bits = image.takeRun(Math.ceil(slotsOf(grid) / 64));
  for (let i = 1; i < cells.count; i++) {
    if (cells.results[i] === absent) continue;
    const end = i + 1 < cells.count ? (cells.firsts[i + 1] ?? 0) - 1 : 2 ** 32 - 1;
    setBits(image.words, 2 * bits, slotOf(grid, cells.firsts[i] ?? 0), slotOf(grid, end));
  }
  return { shift: grid.shift, bits, absent };
}

/** Sets bits `first` to `last` of a bitmap whose words begin at `at`. */
export function setBits(words: Uint32Array, at: number, first: number, last: number): void {
  const [from, to] = [first >>> 5, last >>> 5];
  const head = -1 << (first & 31);
  const tail = -1 >>> (31 - (last & 31));
  if (from === to) {
    words[at + from] = (words[at + from] ?? 0) | (head & tail);
    return;
  }
  words[at + from] = (words[at + from] ?? 0) | head;
  words.fill(0xffffffff, at + from + 1, at + to);
  words[at + to] = (words[at + to] ?? 0) | tail;
}

/** The result of most keys that ends a search. */
function mostCommon(cells: Cells): number {
  const widths = new Map<number, number>();
  for (let i = 0; i < cells.count; i++) {
    const result = cells.results[i] ?? 0;
    if (tagOf(result) >= Tag.list) continue;
    const width = (i + 1 < cells.count ? (cells.firsts[i + 1] ?? 0) : 2 ** 32) - (cells.firsts[i] ?? 0);
    widths.set(result, (widths.get(result) ?? 0) + width);
  }
  let best = 0;
  let most = -1;
  for (const [result, width] of widths) {
    if (width <= most) continue;
    best = result;
    most = width;
  }
  return best;
}
