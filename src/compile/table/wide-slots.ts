import type { Regions } from '../../policy/index.js';
import { Builder, putBare } from './builder.js';
import { half64, type Image } from './image.js';
import { WIDE_SLOT_EDGES, WideSlot } from './layout.js';
import { type Grid, putIndexAt, putTurns, slotsOf, takeTurns } from './slots.js';

/** Lays out wide slots, and writes `struct alf_index` at `at`, counted in 32-bit words. */
export function putWideIndex(image: Image, at: number, regions: Regions, grid: Grid): void {
  const { results, count } = regions;
  const slots = slotsOf(grid);
  const first = image.takeSlots((slots * WideSlot.size) / 2);
  const builder = new Builder(image, regions);
  const width = 2 ** grid.shift;
  const below = firstWithin(regions, 1, grid.base);
  // `from` covers the slot's first key, `to` is the first region behind the slot.
  let from = below - 1;
  for (let slot = 0, begin = grid.base, to = below; slot < slots; slot++, begin += width) {
    while (from + 1 < count && startsBy(regions, from + 1, begin)) from++;
    to = slot + 1 === slots ? count : firstWithin(regions, Math.max(to, from + 1), begin + width);
    putSlot(image, builder, { at: 2 * first + slot * WideSlot.size, begin }, regions, from, to);
  }
  const smaller = putBare(image, builder.cells(0, 0, below));
  putIndexAt(image, at, grid, first, [smaller, results[count - 1] ?? 0]);
}

/** The first region from `region` on whose first word is `key` or larger. */
function firstWithin({ starts, count }: Regions, region: number, key: number): number {
  while (region < count && (starts[4 * region] ?? 0) < key) region++;
  return region;
}

/** Whether a region begins at `key` followed by zeros or before. */
function startsBy({ starts }: Regions, region: number, key: number): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = [
    starts[4 * region],
    starts[4 * region + 1],
    starts[4 * region + 2],
    starts[4 * region + 3],
  ];
  return a < key || (a === key && b === 0 && c === 0 && d === 0);
}

/** Where a slot goes, in 32-bit words, and its first key. */
interface Place {
  readonly at: number;
  readonly begin: number;
}

/** Writes the slot of regions `from` up to `to`, with a list where a slot does not suffice. */
function putSlot(
  image: Image,
  builder: Builder,
  place: Place,
  regions: Regions,
  from: number,
  to: number,
): void {
  const { results, starts } = regions;
  const { at, begin } = place;
  if (to - from > 1 + WIDE_SLOT_EDGES || !takeTurns(results, from, to) || !areHalves(regions, from + 1, to)) {
    // First the list, then the slot: laying it out may move the image.
    const list = putBare(image, builder.cells(0, from, to));
    image.words.fill(list, at + WideSlot.even, at + WideSlot.odd + 1);
    return;
  }
  const { words } = image;
  putTurns(words, at, results, from, to);
  for (let i = from + 1, edge = at + WideSlot.edges; i < to; i++, edge += 2) {
    words[edge + half64(0)] = starts[4 * i + 1] ?? 0;
    words[edge + half64(1)] = (starts[4 * i] ?? 0) - begin;
  }
}

/** Whether the first 64 bits tell regions `from` up to `to` apart. */
function areHalves({ starts }: Regions, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (starts[4 * i + 2] !== 0 || starts[4 * i + 3] !== 0) return false;
  return true;
}
