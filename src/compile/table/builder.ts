import type { Regions } from '../../policy/index.js';
import { CellBuffer, type Cells } from './cells.js';
import type { Image } from './image.js';
import { Tag } from './layout.js';
import { cellOf, reference, tagOf } from './reference.js';
import { BARE_LIST, chooseGrid, putIndex, putList } from './slots.js';

/** Where only later words of a key can tell: a reference that points nowhere. */
const OPEN = 0xffffffff;

/** The cells of the first word, without those of later words. */
export function outlineOf(regions: Regions): Cells {
  return new Builder(undefined, regions).cells(0, 0, regions.count);
}

/** Lays out few cells. @returns a reference: a list, or the only result there is */
export function putBare(image: Image, cells: Cells): number {
  return cells.count === 1 ? (cells.results[0] ?? 0) : putList(image, cells, 0, cells.count);
}

/** Turns regions into cells, word by word of the key. */
export class Builder {
  private readonly buffers = [0, 1, 2, 3].map(() => new CellBuffer());
  private readonly image: Image | undefined;
  private readonly regions: Regions;

  /** @param image where later words go; without it, references to them point nowhere */
  constructor(image: Image | undefined, regions: Regions) {
    this.image = image;
    this.regions = regions;
  }

  /**
   * The cells of word `level` for regions `from` up to `to`, the first of which covers where this word begins.
   *
   * Good until the next call for this level. Where boundaries agree in this word and differ in later ones, the cell's
   * result goes on with the next word.
   */
  cells(level: number, from: number, to: number): Cells {
    const { starts, results, width } = this.regions;
    if (width === 1)
      return { count: to - from, firsts: starts.subarray(from, to), results: results.subarray(from, to) };
    const buffer = this.buffers[level] ?? new CellBuffer();
    buffer.clear();
    buffer.push(0, results[from] ?? 0);
    for (let i = from + 1, end = i; i < to; i = end) {
      const key = this.word(i, level);
      end = i + 1;
      while (end < to && this.word(end, level) === key) end++;
      const clean = this.isClean(i, level + 1);
      if (clean && end === i + 1) {
        buffer.push(key, results[i] ?? 0);
        continue;
      }
      buffer.push(key, this.next(level + 1, clean ? i : i - 1, end));
      // Behind this key the last of its regions goes on. Where a boundary follows at once, it replaces this cell.
      if (key < 0xffffffff) buffer.push(key + 1, results[end - 1] ?? 0);
    }
    return buffer;
  }

  /** Lays out what the next word decides. @returns a reference with one of the tags that go on */
  private next(level: number, from: number, to: number): number {
    if (this.image === undefined) return OPEN;
    const cells = this.cells(level, from, to);
    if (cells.count <= BARE_LIST) return onNext(putBare(this.image, cells));
    const at = this.image.takeIndex();
    putIndex(this.image, 2 * at, cells, chooseGrid(cells));
    return reference(Tag.nextIndex, at);
  }

  private word(region: number, level: number): number {
    return this.regions.starts[4 * region + level] ?? 0;
  }

  /** Whether a region begins with 0 in word `level` and those behind it. */
  private isClean(region: number, level: number): boolean {
    for (let i = level; i < 4; i++) if (this.word(region, i) !== 0) return false;
    return true;
  }
}

/** The same list, for the next word of the key. */
function onNext(ref: number): number {
  return tagOf(ref) === Tag.list ? reference(Tag.nextList, cellOf(ref)) : ref;
}
