import type { Policy } from '../../policy/index.js';
import { Builder, putBare } from './builder.js';
import type { Cells } from './cells.js';
import { regionsOf, widthOf } from './field-regions.js';
import type { Image } from './image.js';
import { Field, Index, MAX_LIST, PAGE_CELLS, Root, rootAt, Slot, Tag, WideSlot } from './layout.js';
import { setBits } from './presence.js';
import { tagOf } from './reference.js';
import { type Grid, slotOf, slotsOf } from './slots.js';
import { edgesWithin, type Window } from './window.js';

/** A page of the image in force to be rewritten. */
export interface PageWrite {
  readonly page: number;
  readonly bytes: Uint8Array;
}

/**
 * Brings an image up to date after a change of a few neighbouring addresses in the sets of its policy, in place.
 *
 * Everything new is laid out behind the image, then the two references in the slot of these addresses point there, one
 * after the other: each address goes from the old set to the new one at once, and is in no other meanwhile. Pages are to
 * be written in the order given, each once the one before is written; they hold what was there plus what is new, so it
 * does not matter that a page is not written at once.
 *
 * @param policy the policy as it is now: the same rules, with other addresses
 * @param field the tree of the addresses
 * @param first the first changed address's upper 32 bits, `last` the last one's
 * @returns undefined where these are not enough: the whole policy is then to be encoded and put in force
 */
export function changeAddresses(
  image: Image,
  policy: Policy,
  field: Field,
  { first, last }: Window,
): PageWrite[] | undefined {
  const root = rootAt(field);
  const at = root + Root.index;
  const slotSize = SLOT_SIZES[tagOf(image.words[root + Root.ref] ?? 0)];
  if (slotSize === undefined) return undefined;
  const grid = gridAt(image, at);
  if (first < grid.base || last > grid.base + grid.span || slotOf(grid, first) !== slotOf(grid, last)) {
    return undefined;
  }
  const slot = slotOf(grid, first);
  const window = windowOf(grid, slot);
  const before = image.end;
  const cells = cellsWithin(image, policy, field, window);
  if (cells.count > MAX_LIST) return undefined;
  const ref = putBare(image, cells);
  if (image.end > PAGE_CELLS * Math.ceil(before / PAGE_CELLS)) return undefined;
  const touched = new Set(image.end > before ? [Math.floor(before / PAGE_CELLS)] : []);
  for (const page of markPresent(image, root, grid, cells, window)) touched.add(page);
  const writes = [...touched].map((page) => copyPage(image, page));
  const word = 2 * (image.words[at + Index.slots] ?? 0) + slotSize * slot;
  for (const reference of [Slot.even, Slot.odd]) {
    image.words[word + reference] = ref;
    writes.push(copyPage(image, Math.floor(word / 2 / PAGE_CELLS)));
  }
  return writes;
}

/** Words of a slot, by the kind of root; both kinds have their references in the same place. */
const SLOT_SIZES: Readonly<Record<number, number>> = {
  [Tag.index]: Slot.size,
  [Tag.wideIndex]: WideSlot.size,
};

function gridAt(image: Image, at: number): Grid {
  const [base = 0, span = 0, shift = 0] = image.words.subarray(at, at + 3);
  return { base, span, shift };
}

function windowOf(grid: Grid, slot: number): Window {
  const first = grid.base + slot * 2 ** grid.shift;
  const last = slot + 1 === slotsOf(grid) ? grid.base + grid.span : first + 2 ** grid.shift - 1;
  return { first, last };
}

function cellsWithin(image: Image, policy: Policy, field: Field, window: Window): Cells {
  const width = widthOf(field);
  const start = new Uint32Array(width);
  start[0] = window.first;
  const side = field >= Field.destination4 ? 'destination' : 'source';
  const regions = regionsOf(
    image,
    policy,
    field,
    ({ match }) => {
      const set = match[side];
      return set === undefined ? { width, words: new Uint32Array() } : edgesWithin(set, width, window);
    },
    start,
  );
  return new Builder(image, regions).cells(0, 0, regions.count);
}

/** Sets the bits of all blocks that are not as most keys are; others stay, at worst a search more. @returns pages */
function markPresent(image: Image, root: number, grid: Grid, cells: Cells, window: Window): number[] {
  const bits = image.words[root + Root.presence] ?? 0;
  if (bits === 0) return [];
  const absent = image.words[root + Root.absent];
  const blocks = { ...grid, shift: image.words[root + Root.presenceShift] ?? 0 };
  const pages: number[] = [];
  for (let i = 0; i < cells.count; i++) {
    if (cells.results[i] === absent) continue;
    const from = slotOf(blocks, i === 0 ? window.first : (cells.firsts[i] ?? 0));
    const to = slotOf(blocks, i + 1 < cells.count ? (cells.firsts[i + 1] ?? 0) - 1 : window.last);
    setBits(image.words, 2 * bits, from, to);
    for (const block of [from, to]) pages.push(Math.floor((bits + (block >>> 6)) / PAGE_CELLS));
  }
  return pages;
}

function copyPage(image: Image, page: number): PageWrite {
  return { page, bytes: image.page(page).slice() };
}
