import { quote } from '../errors/index.js';
import { addressWords, isAddressWord } from './address-words.js';
import type { Cursor } from './cursor.js';
import { isHostName } from './host-name.js';
import { looksNumeric, parseAddresses } from './parse-addresses.js';
import { parseList } from './parse-list.js';
import { alternatives, refuse } from './refuse.js';
import type { Peer, Warning } from './syntax.js';
import type { SourceLocation } from './types.js';

/** The context of a list of peers; host names are accepted in allow rules only. */
export type PeerContext = 'allow' | 'deny' | 'set';

/** The name of a list of peers in messages. */
export const PEER = 'an address, prefix, range, @set or word';

const SET_NAME = /^[A-Za-z_][\w.-]{0,62}$/;

const WHY_NO_HOST = {
  deny: 'the addresses of a host name can change; write the addresses',
  set: 'a deny rule may use the set; name the host in the allow rule',
};

/**
 * Reads one or more peers with commas between them.
 *
 * @param warnings where warnings are added
 * @throws AlfError ALF_RULE
 */
export function parsePeers(cursor: Cursor, context: PeerContext, warnings: Warning[]): Peer[] {
  return parseList(cursor, PEER, (text, location) => parsePeer(text, location, context, warnings));
}

/** Reads one peer. */
export function parsePeer(
  text: string,
  location: SourceLocation,
  context: PeerContext,
  warnings: Warning[],
): Peer {
  if (isAddressWord(text)) return { kind: 'word', word: text, location };
  if (text.startsWith('@')) {
    return { kind: 'set', name: parseSetName(text.slice(1), location, text), location };
  }
  if (looksNumeric(text)) return parseAddresses(text, location, warnings);
  if (!isHostName(text)) {
    const hint = `the words are ${alternatives(addressWords)}`;
    refuse(location, `unexpected ${quote(text)}: expected ${PEER}`, hint);
  }
  if (context !== 'allow') {
    const where = context === 'deny' ? 'a deny rule' : 'a set';
    refuse(location, `${quote(text)} is a host name in ${where}: expected ${PEER}`, WHY_NO_HOST[context]);
  }
  return { kind: 'host', name: text.toLowerCase(), location };
}

/**
 * Checks the name of a set: a letter or `_`, then letters, digits, `_`, `.` and `-`, 63 characters at most.
 *
 * @param word the quoted text in messages
 */
export function parseSetName(name: string, location: SourceLocation, word = name): string {
  if (SET_NAME.test(name)) return name;
  const expected = 'a letter or _, then letters, digits, _, . or -, 63 characters at most';
  return refuse(location, `${quote(word)} does not name a set: expected ${expected}`);
}
