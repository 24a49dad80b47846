import { AlfError, quote } from '../../errors/index.js';
import { refuse } from '../refuse.js';
import type { ByteLines } from './byte-lines.js';
import { conversionHint } from './conversions.js';
import type { ListEntries } from './list-entries.js';

const NEWLINE = 0x0a;
const SEMICOLON = 0x3b;
/** A field that belongs to the entry before it, quoted or not: an address in any notation, a netmask, a prefix length. */
const MEANINGFUL =
  /^["']?(?:\d{1,3}(?:\.(?:\d{1,3}|\*)){0,3}(?:[/-].*)?|[\da-f]*:[\da-f:]+(?:[/-].*)?)["']?$/i;

/**
 * Reads one address, prefix or range a line, with `#`, `;` and `//` comments: FireHOL netsets and Spamhaus DROP as text
 * among them.
 *
 * @throws AlfError ALF_RULE for anything else
 */
export function readPlainList(lines: ByteLines, entries: ListEntries): void {
  try {
    readLines(lines, entries);
  } catch (error) {
    throw explain(error, lines);
  }
}

function readLines(lines: ByteLines, entries: ListEntries): void {
  const { bytes } = lines;
  while (!lines.ended) {
    const start = lines.skipBlanks(lines.lineStart);
    const end = lines.wordEnd(start);
    if (end > start) {
      entries.add(start, end);
      if (bytes[end] !== NEWLINE && end < bytes.length) expectLineEnd(lines, end);
    }
    lines.nextLine(end);
  }
}

/** Names the format of the refused line, unless it may be the cut-off last line of a list. */
function explain(error: unknown, lines: ByteLines): unknown {
  const hint = conversionHint(lines.lineText());
  const explains = hint !== undefined && (lines.hasNewline || lines.isFirst);
  return error instanceof AlfError && explains ? new AlfError(error.code, error.message, { hint }) : error;
}

/** Refuses text after an entry on its line, unless it is a comment that cannot be an entry. */
function expectLineEnd(lines: ByteLines, end: number): void {
  const at = lines.skipBlanks(end);
  if (lines.bytes[at] === SEMICOLON) {
    expectComment(lines, at, at === end);
    return;
  }
  const wordEnd = lines.wordEnd(at);
  if (wordEnd === at) return;
  const word = quote(lines.text(at, wordEnd));
  refuse(lines.location(at), `unexpected ${word}: expected the end of the line`);
}

/** @param glued whether the semicolon touches the entry, as a separator does */
function expectComment(lines: ByteLines, at: number, glued: boolean): void {
  const newline = lines.bytes.indexOf(NEWLINE, at);
  const comment = lines.text(at + 1, newline < 0 ? lines.bytes.length : newline);
  const fields = comment.split(/[;,\s]+/).filter((field) => field !== '');
  const field = (glued ? fields : fields.slice(0, 1)).find((word) => MEANINGFUL.test(word));
  if (field === undefined) return;
  refuse(lines.location(at), `unexpected ${quote(field)} after a semicolon: expected a comment`);
}
