import { formatAddress } from '../../src/net/index.js';
import { type AddressSet, splitWords } from '../../src/policy/index.js';

/** Writes a set as text, `first-last` for each range, so that a test can say what it expects. */
export function formatSet(set: AddressSet | undefined): string[] | undefined {
  if (set === undefined) return undefined;
  return [...formatRows(set.v4, 1), ...formatRows(splitWords(set.v6), 4)];
}

function formatRows(words: Uint32Array, width: 1 | 4): string[] {
  const texts: string[] = [];
  for (let at = 0; at < words.length; at += 2 * width) {
    texts.push(`${formatWords(words, at, width)}-${formatWords(words, at + width, width)}`);
  }
  return texts;
}

/** Writes the address that starts at word `at`. */
export function formatWords(words: Uint32Array, at: number, width: 1 | 4): string {
  const bytes = [...words.subarray(at, at + width)].flatMap((word) => [
    word >>> 24,
    (word >>> 16) & 0xff,
    (word >>> 8) & 0xff,
    word & 0xff,
  ]);
  return formatAddress({ family: width === 1 ? 4 : 6, bytes, zone: '' });
}
