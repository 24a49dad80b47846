// Three digits make a word; their counters fit a first-level cache.
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Up to this size the radix sort is slower than a comparison sort. */
const SMALL_SORT_THRESHOLD = 256;

/**
 * The order in which rows of words are sorted by their leading words: row indexes, equal rows in their old order.
 *
 * A radix sort from the least significant digit: a million IPv6 ranges are sorted without a comparison function and
 * without a bigint.
 *
 * @param words rows of `stride` host-order words
 * @param keyWords how many words, from the start of a row and the most significant first, are the key
 */
export function sortedOrder(words: Uint32Array, stride: number, keyWords: number): Uint32Array {
  const rows = words.length / stride;
  let order = Uint32Array.from({ length: rows }, (_, row) => row);
  if (isSorted(words, stride, keyWords)) return order;
  if (rows <= SMALL_SORT_THRESHOLD) {
    return order.sort((a, b) => compareWords(words, stride * a, words, stride * b, keyWords) || a - b);
  }
  let keys = new Uint32Array(rows);
  let [spareOrder, spareKeys] = [new Uint32Array(rows), new Uint32Array(rows)];
  for (let word = keyWords - 1; word >= 0; word--) {
    // Each word is gathered from the scattered rows once; the passes then read in sequence.
    for (let i = 0; i < rows; i++) keys[i] = words[(order[i] as number) * stride + word] as number;
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      const starts = countDigits(keys, shift);
      if (starts.includes(rows)) continue;
      toOffsets(starts);
      for (let i = 0; i < rows; i++) {
        const key = keys[i] as number;
        const digit = (key >>> shift) % DIGITS;
        const slot = starts[digit] as number;
        starts[digit] = slot + 1;
        spareKeys[slot] = key;
        spareOrder[slot] = order[i] as number;
      }
      [order, spareOrder] = [spareOrder, order];
      [keys, spareKeys] = [spareKeys, keys];
    }
  }
  return order;
}

function countDigits(keys: Uint32Array, shift: number): Uint32Array {
  const counts = new Uint32Array(DIGITS);
  for (let i = 0; i < keys.length; i++) {
    const digit = ((keys[i] as number) >>> shift) % DIGITS;
    counts[digit] = (counts[digit] as number) + 1;
  }
  return counts;
}

/** Converts the count of each digit into the slot of its first row. */
function toOffsets(counts: Uint32Array): void {
  let offset = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = counts[digit] as number;
    counts[digit] = offset;
    offset += count;
  }
}

/** Whether rows are sorted already, as published lists and results of set operations are. */
function isSorted(words: Uint32Array, stride: number, keyWords: number): boolean {
  for (let at = stride; at < words.length; at += stride) {
    if (compareWords(words, at - stride, words, at, keyWords) > 0) return false;
  }
  return true;
}

/** Compares the address at word `i` of `a` with that at word `j` of `b`: negative, zero or positive. */
export function compareWords(a: Uint32Array, i: number, b: Uint32Array, j: number, width: number): number {
  for (let word = 0; word < width; word++) {
    const difference = (a[i + word] as number) - (b[j + word] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
