import { compareWords, sortedOrder } from './sorted-order.js';

/** How many 32-bit words an address has: 1 for IPv4, 4 for IPv6. */
export type Width = 1 | 4;

/**
 * Inclusive address ranges as rows of 2 × width words: the first address, then the last.
 *
 * Words are host-order numbers, the most significant first, so that both families sort and merge with the same code
 * and a million ranges need no object.
 */
export type Rows = Uint32Array;

const MAX_WORD = 0xffff_ffff;

/** Sorts ranges and joins those that overlap or touch: the result is sorted, disjoint and non-adjacent. */
export function mergeRows(rows: Rows, width: Width): Rows {
  const stride = 2 * width;
  const merged = new Uint32Array(rows.length);
  let end = 0;
  for (const row of sortedOrder(rows, stride, width)) {
    const first = row * stride;
    const last = first + width;
    if (end > 0 && reaches(merged, end - width, rows, first, width)) {
      if (compareWords(rows, last, merged, end - width, width) > 0) {
        copyWords(rows, last, merged, end - width, width);
      }
    } else {
      copyWords(rows, first, merged, end, stride);
      end += stride;
    }
  }
  return merged.slice(0, end);
}

/** The complement of merged ranges, as merged ranges. */
export function complementRows(rows: Rows, width: Width): Rows {
  const stride = 2 * width;
  const gaps = new Uint32Array(rows.length + stride);
  // The current gap is at `end`; its first address is initially the lowest of the family.
  let end = 0;
  for (let row = 0; row < rows.length; row += stride) {
    if (compareWords(gaps, end, rows, row, width) < 0) {
      copyWords(rows, row, gaps, end + width, width);
      decrement(gaps, end + width, width);
      end += stride;
    }
    if (isHighest(rows, row + width, width)) return gaps.slice(0, end);
    copyWords(rows, row + width, gaps, end, width);
    increment(gaps, end, width);
  }
  gaps.fill(MAX_WORD, end + width, end + stride);
  return gaps.slice(0, end + stride);
}

/** Copies `count` words, without `TypedArray.set`: its view costs more than copying so few words. */
export function copyWords(from: Uint32Array, i: number, to: Uint32Array, j: number, count: number): void {
  for (let word = 0; word < count; word++) to[j + word] = from[i + word] as number;
}

/** Whether the address at word `at` is the highest of its family. */
export function isHighest(words: Uint32Array, at: number, width: Width): boolean {
  for (let word = 0; word < width; word++) if (words[at + word] !== MAX_WORD) return false;
  return true;
}

/** Replaces the address at word `at` by the next one; after the highest comes the lowest. */
export function increment(words: Uint32Array, at: number, width: Width): void {
  for (let word = at + width - 1; word >= at; word--) {
    words[word] = (words[word] as number) + 1;
    if (words[word] !== 0) return;
  }
}

/** Replaces the address at word `at` by the one before it; before the lowest comes the highest. */
export function decrement(words: Uint32Array, at: number, width: Width): void {
  for (let word = at + width - 1; word >= at; word--) {
    words[word] = (words[word] as number) - 1;
    if (words[word] !== MAX_WORD) return;
  }
}

/** Whether a range that ends at `last` overlaps or touches a range that starts at `first` and sorts after it. */
function reaches(a: Uint32Array, last: number, b: Uint32Array, first: number, width: Width): boolean {
  if (compareWords(a, last, b, first, width) >= 0) return true;
  let carry = 1;
  for (let word = width - 1; word >= 0; word--) {
    const next = (a[last + word] as number) + carry;
    if (next % 0x1_0000_0000 !== b[first + word]) return false;
    carry = next > MAX_WORD ? 1 : 0;
  }
  return true;
}
