import type { Cells } from './cells.js';
import type { Image } from './image.js';
import { Index, MAX_LIST, SLOT_EDGES, Slot, Tag } from './layout.js';
import { reference } from './reference.js';

/** A stretch of keys cut into equal slots, `struct alf_index` without the slots. */
export interface Grid {
  readonly base: number;
  readonly span: number;
  readonly shift: number;
}

/** Lists up to this length stand alone where a key continues; an index before them gains little. */
export const BARE_LIST = 32;

/** The grid over all boundaries of `cells` that has about `2 ** log` slots, at least half as many. */
export function gridOf(cells: Cells, log: number): Grid {
  const base = cells.firsts[1] ?? 0;
  const span = (cells.firsts[cells.count - 1] ?? 0) - base;
  return { base, span, shift: Math.max(0, 32 - Math.clz32(span) - log) };
}

/** The number of slots of a grid. */
export function slotsOf(grid: Grid): number {
  return (grid.span >>> grid.shift) + 1;
}

/** The slot of a key, which is not before the grid; keys behind it count as its last. */
export function slotOf(grid: Grid, key: number): number {
  return Math.min(key - grid.base, grid.span) >>> grid.shift;
}

/** Lays out the slots of `cells`, and writes `struct alf_index` at `at`, counted in 32-bit words. */
export function putIndex(image: Image, at: number, cells: Cells, grid: Grid): void {
  const slots = putSlots(image, cells, grid);
  putIndexAt(image, at, grid, slots, [cells.results[0] ?? 0, cells.results[cells.count - 1] ?? 0]);
}

/** Writes `struct alf_index`. @param beside the references for smaller and for larger keys */
export function putIndexAt(
  image: Image,
  at: number,
  grid: Grid,
  slots: number,
  beside: readonly [number, number],
): void {
  image.words[at + Index.base] = grid.base;
  image.words[at + Index.span] = grid.span;
  image.words[at + Index.shift] = grid.shift;
  image.words[at + Index.slots] = slots;
  [image.words[at + Index.below], image.words[at + Index.above]] = beside;
}

/**
 * Chooses a grid fine enough: `2 ** spare` slots for each prefix or so, more where keys crowd so much that a list would
 * be too long.
 */
export function chooseGrid(cells: Cells, spare = 0): Grid {
  for (let log = 31 - Math.clz32(cells.count - 1) + spare; ; log++) {
    const grid = gridOf(cells, log);
    if (!isTooCoarse(cells, grid)) return grid;
  }
}

/** Lays out the slots of `cells`. @returns the position of the first */
function putSlots(image: Image, cells: Cells, grid: Grid): number {
  const { firsts, count } = cells;
  const slots = slotsOf(grid);
  const at = image.takeSlots((slots * Slot.size) / 2);
  const width = 2 ** grid.shift;
  let from = 1;
  for (let slot = 0, end = grid.base + width; slot < slots; slot++, end += width) {
    if (slot + 1 === slots) end = 2 ** 32;
    let to = from + 1;
    while (to < count && (firsts[to] ?? 0) < end) to++;
    putSlot(image, 2 * at + slot * Slot.size, cells, from, to);
    // The last cell goes on into the next slot, unless that begins with one of its own.
    from = to < count && firsts[to] === end ? to : to - 1;
  }
  return at;
}

/** Writes the slot of cells `from` up to `to`, with a list if its edges are too many or its results more than two. */
function putSlot(image: Image, at: number, cells: Cells, from: number, to: number): void {
  const { firsts, results } = cells;
  if (to - from > 1 + SLOT_EDGES || !takeTurns(results, from, to)) {
    // First the list, then the slot: laying it out may move the image.
    const list = putList(image, cells, from, to);
    image.words.fill(list, at + Slot.even, at + Slot.odd + 1);
    return;
  }
  putTurns(image.words, at, results, from, to);
  for (let i = from + 1; i < to; i++) image.words[at + Slot.edges + i - from - 1] = firsts[i] ?? 0;
}

/** Whether two results take turns in all of `from` up to `to`. */
export function takeTurns(results: Uint32Array, from: number, to: number): boolean {
  for (let i = from + 2; i < to; i++) if (results[i] !== results[i - 2]) return false;
  return true;
}

/** Writes the two results of a slot, wide or not: the last one is that of keys with no edge above. */
export function putTurns(
  words: Uint32Array,
  at: number,
  results: Uint32Array,
  from: number,
  to: number,
): void {
  words[at + Slot.even] = results[to - 1] ?? 0;
  words[at + Slot.odd] = results[Math.max(from, to - 2)] ?? 0;
}

/** Lays out cells `from` up to `to` as one list. @returns a reference to it */
export function putList(image: Image, cells: Cells, from: number, to: number): number {
  const at = image.takeList(to - from);
  const { words } = image;
  words[2 * at] = to - from;
  words[2 * at + 1] = cells.results[from] ?? 0;
  for (let i = from + 1, word = 2 * at + 2; i < to; i++, word += 2) {
    words[word] = cells.firsts[i] ?? 0;
    words[word + 1] = cells.results[i] ?? 0;
  }
  return reference(Tag.list, at);
}

/** Whether any list would have more than `MAX_LIST` cells. */
function isTooCoarse(cells: Cells, grid: Grid): boolean {
  const { firsts, count } = cells;
  for (let i = 1; i + MAX_LIST - 1 < count; i++) {
    if (slotOf(grid, firsts[i] ?? 0) === slotOf(grid, firsts[i + MAX_LIST - 1] ?? 0)) return true;
  }
  return false;
}
