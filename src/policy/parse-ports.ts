import { quote } from '../errors/index.js';
import { parsePort } from '../net/index.js';
import type { Cursor } from './cursor.js';
import { parseList } from './parse-list.js';
import { locate, refuse } from './refuse.js';
import type { PortRange, SourceLocation } from './types.js';

/**
 * Reads one or more ports or port ranges `a-b` with commas between them.
 *
 * @throws AlfError ALF_RULE
 */
export function parsePorts(cursor: Cursor): PortRange[] {
  return parseList(cursor, 'a port or a range of ports', parsePortRange);
}

/** Writes a port range as {@link parsePorts} reads it. */
export function formatPortRange({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function parsePortRange(text: string, location: SourceLocation): PortRange {
  const dash = text.indexOf('-');
  const parse = (end: string, prefix = '') => locate(location, () => parsePort(end), prefix);
  if (dash < 0) {
    const port = parse(text);
    return { first: port, last: port };
  }
  const prefix = `${quote(text)} is not a range of ports: `;
  const first = parse(text.slice(0, dash), prefix);
  const last = parse(text.slice(dash + 1), prefix);
  if (first > last) refuse(location, `${quote(text)} runs backwards: expected the lower port first`);
  return { first, last };
}
