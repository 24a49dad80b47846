import type { ByteLines } from './byte-lines.js';

const CURLY = 0x7b;
const SQUARE = 0x5b;

/** The format of a list, by the name of its reader. */
export type ListFormat = 'plain' | 'ipset' | 'nft' | 'json';

const FIRST_WORDS: Readonly<Record<string, ListFormat>> = {
  create: 'ipset',
  add: 'ipset',
  flush: 'ipset',
  table: 'nft',
  set: 'nft',
  elements: 'nft',
  define: 'nft',
  'add element': 'nft',
};

/** Tells the format of a list from its first line that is not a comment. Leaves `lines` at that line. */
export function detectFormat(lines: ByteLines): ListFormat {
  while (!lines.ended) {
    const start = lines.skipBlanks(lines.lineStart);
    const end = lines.wordEnd(start);
    if (end > start) return formatOf(lines, start, end);
    lines.nextLine(end);
  }
  return 'plain';
}

function formatOf(lines: ByteLines, start: number, end: number): ListFormat {
  const first = lines.bytes[start];
  if (first === CURLY) return 'json';
  // An address in brackets is part of a URL, not JSON.
  if (first === SQUARE && !/^\s*\[[\da-f]*:/i.test(lines.lineText())) return 'json';
  const secondStart = lines.skipBlanks(end);
  const words = [lines.text(start, end), lines.text(secondStart, lines.wordEnd(secondStart))];
  const found = [words.join(' '), words[0] ?? ''].find((word) => Object.hasOwn(FIRST_WORDS, word));
  return FIRST_WORDS[found ?? ''] ?? 'plain';
}
