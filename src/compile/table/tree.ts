import type { Regions } from '../../policy/index.js';
import { Builder, outlineOf, putBare } from './builder.js';
import type { Image } from './image.js';
import { Field, Root, rootAt, Tag } from './layout.js';
import { putPresence } from './presence.js';
import { reference } from './reference.js';
import { chooseGrid, putIndex } from './slots.js';
import { putWideIndex } from './wide-slots.js';

/** Trees whose root is a list, not an index. */
const SMALL_ROOT = 2;

/** Lays out the search tree of a field and its root. */
export function putTree(image: Image, field: Field, regions: Regions): void {
  const at = rootAt(field);
  const outline = outlineOf(regions);
  if (outline.count <= SMALL_ROOT) {
    const ref = putBare(image, new Builder(image, regions).cells(0, 0, regions.count));
    image.words[at + Root.ref] = ref;
    return;
  }
  const presence = isSource(field) ? putPresence(image, outline) : undefined;
  if (presence !== undefined) {
    image.words[at + Root.presence] = presence.bits;
    image.words[at + Root.presenceShift] = presence.shift;
    image.words[at + Root.absent] = presence.absent;
  }
  const grid = chooseGrid(outline, spareOf(outline.count));
  const wide = isSource(field) && regions.width > 1;
  if (wide) putWideIndex(image, at + Root.index, regions, grid);
  else putIndex(image, at + Root.index, new Builder(image, regions).cells(0, 0, regions.count), grid);
  image.words[at + Root.ref] = reference(wide ? Tag.wideIndex : Tag.index, 0);
}

/** Small trees can afford more slots. */
function spareOf(cells: number): number {
  return cells <= 2048 ? 1 : 0;
}

/** Every packet is looked up by its source: what is there for speed is there for that field alone. */
function isSource(field: Field): boolean {
  return field <= Field.source6;
}
