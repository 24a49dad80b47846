import type { Warning } from '../syntax.js';
import type { AddressSet } from '../types.js';
import { ByteLines } from './byte-lines.js';
import { refuseDamage } from './damage.js';
import { detectFormat, type ListFormat } from './detect.js';
import { readIpset } from './ipset.js';
import { readJsonList } from './json.js';
import { ListEntries } from './list-entries.js';
import { readNftSet } from './nft.js';
import { readPlainList } from './plain.js';

/** The content of a set file. */
export interface LoadedSet {
  readonly set: AddressSet;
  /** The number of entries; equal and overlapping entries count. */
  readonly entries: number;
  /** The format that the file was read as, for messages. */
  readonly format: string;
  readonly warnings: readonly Warning[];
}

interface ReadList {
  readonly format: string;
  readonly warnings: readonly Warning[];
}

const READERS: Readonly<Record<ListFormat, (lines: ByteLines, entries: ListEntries) => ReadList>> = {
  plain: (lines, entries) => {
    readPlainList(lines, entries);
    return { format: 'a plain list', warnings: warnIfUnfinished(lines) };
  },
  ipset: (lines, entries) => {
    readIpset(lines, entries);
    return { format: 'the output of ipset save', warnings: warnIfUnfinished(lines) };
  },
  nft: (lines, entries) => {
    readNftSet(lines, entries);
    return { format: 'a set of nftables', warnings: [] };
  },
  json: readJsonList,
};

/**
 * Reads a set file of any format; the first line that is not a comment determines the format.
 *
 * Plain lists have one address, prefix or range a line and comments after `#`, `;` and `//`. The output of
 * `ipset save` and `nft list set`, and the JSON in which networks publish their prefixes, are read as well.
 * Text without entries is an empty set. Columns count bytes.
 *
 * @param bytes the text, in UTF-8
 * @param file the name of the file in messages
 * @throws AlfError ALF_RULE for damage, other formats, and lines that are not completely understood
 */
export function parseSetFile(bytes: Uint8Array, file: string): LoadedSet {
  refuseDamage(bytes, file);
  const lines = new ByteLines(bytes, file);
  const entries = new ListEntries(lines);
  const { format, warnings } = READERS[detectFormat(lines)](lines, entries);
  return {
    set: entries.build(),
    entries: entries.count,
    format,
    warnings: [...entries.warnings(), ...warnings],
  };
}

/** Warns about a last line without a newline: more than its end may be missing. */
function warnIfUnfinished({ unfinished }: ByteLines): Warning[] {
  if (unfinished === undefined) return [];
  return [
    {
      location: unfinished,
      message: 'the last line does not end with a newline: the file may be cut off',
    },
  ];
}
