import type { Cursor } from './cursor.js';
import { parseDuration } from './duration.js';
import { PEER, parsePeer, parseSetName } from './parse-peers.js';
import { refuse } from './refuse.js';
import type { Peer, SetFileStatement, SetLine, SetStatement, Warning } from './syntax.js';

/**
 * Reads the rest of `set NAME { … }` or `set NAME file PATH`, after its first word.
 *
 * Commas, blanks or line ends separate the entries between the braces. Empty braces are an empty
 * set.
 *
 * @param warnings where warnings are added
 * @throws AlfError ALF_RULE
 */
export function parseSet(cursor: Cursor, warnings: Warning[]): SetStatement | SetFileStatement {
  const { location } = cursor.lastToken;
  const word = cursor.expectWord('a name');
  const name = parseSetName(word.text, word.location);
  if (cursor.takeKind('open', '"{"')) {
    const lines = parseLines(cursor, warnings);
    return { kind: 'set', name, lines, comment: cursor.expectEndOfLine(), location };
  }
  cursor.expect('file');
  const path = cursor.expectWord('a path');
  if (path.text === '') refuse(path.location, 'the path is empty: expected the name of a file');
  const refreshSeconds = cursor.take('refresh') ? parseRefresh(cursor) : undefined;
  const comment = cursor.expectEndOfLine();
  return { kind: 'set-file', name, path: path.text, refreshSeconds, comment, location };
}

function parseLines(cursor: Cursor, warnings: Warning[]): SetLine[] {
  const lines: SetLine[] = [];
  let peers: Peer[] = [];
  for (;;) {
    const { kind, text, location } = cursor.token;
    if (kind === 'newline' || kind === 'comment') {
      lines.push({ peers, comment: cursor.expectEndOfLine() });
      peers = [];
    } else if (cursor.takeKind('close', '"}"')) {
      return [...lines, { peers, comment: '' }].filter(isWritten);
    } else {
      cursor.expectWord(PEER);
      peers.push(parsePeer(text, location, 'set', warnings));
      cursor.takeKind('comma', '","');
    }
  }
}

function isWritten(line: SetLine): boolean {
  return line.peers.length > 0 || line.comment !== '';
}

function parseRefresh(cursor: Cursor): number {
  const { text, location } = cursor.expectWord('a duration');
  return parseDuration(text, location);
}
