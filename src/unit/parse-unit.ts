import { AlfError, quote } from '../errors/index.js';

/** `KEY=VALUE` in a unit file. */
export interface Entry {
  readonly key: string;
  /** Continued lines are joined; without the blanks around it. */
  readonly value: string;
  /** Line of its end, counted from 1. */
  readonly line: number;
}

/** A section of a unit file. The same name may occur several times. */
export interface Section {
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** A unit file or a drop-in. */
export interface UnitFile {
  readonly path: string;
  readonly sections: readonly Section[];
}

interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

const BYTE_ORDER_MARK = /^\ufeff/;
const IS_SKIPPED = /^[ \t\r]*([#;]|$)/;

/** An odd number of backslashes: an even number is a word that ends with them. */
const IS_CONTINUED = /(?<!\\)(\\\\)*\\$/;

/**
 * Parses a unit file as systemd does (config_parse in src/shared/conf-parser.c): entries before the first section and lines
 * without `=` are ignored.
 *
 * @throws AlfError ALF_UNIT for a section header without its end, which systemd refuses as well
 */
export function parseUnitFile(text: string, path: string): UnitFile {
  const sections: { name: string; entries: Entry[] }[] = [];
  for (const { text: written, line } of logicalLines(text)) {
    const content = written.trim();
    if (content.startsWith('[')) {
      if (!content.endsWith(']')) {
        throw new AlfError('ALF_UNIT', `${path}:${line}: section header ${quote(content)} has no end`, {
          hint: 'expected [Unit], [Service] or [Install]',
        });
      }
      sections.push({ name: content.slice(1, -1), entries: [] });
      continue;
    }
    const equals = content.indexOf('=');
    if (equals < 0) continue;
    const entry = { key: content.slice(0, equals).trim(), value: content.slice(equals + 1).trim(), line };
    sections.at(-1)?.entries.push(entry);
  }
  return { path, sections };
}

/** Formats sections as text that {@link parseUnitFile} reads, one line an entry. */
export function formatUnitFile({ sections }: Pick<UnitFile, 'sections'>): string {
  const format = ({ name, entries }: Section) =>
    [`[${name}]`, ...entries.map(({ key, value }) => `${key}=${value}`), ''].join('\n');
  return sections.map(format).join('\n');
}

/** Joins continued lines, and drops comments and empty lines, also those within a continued line. */
function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let begun = '';
  const texts = text.replace(BYTE_ORDER_MARK, '').split('\n');
  for (const [index, raw] of texts.entries()) {
    if (IS_SKIPPED.test(raw)) continue;
    const joined = begun + raw;
    const isContinued = IS_CONTINUED.test(joined);
    begun = isContinued ? `${joined.slice(0, -1)} ` : '';
    if (!isContinued) lines.push({ text: joined, line: index + 1 });
  }
  return begun === '' ? lines : [...lines, { text: begun, line: texts.length }];
}
