import { quote } from '../errors/index.js';
import { formatProtocol, parseProtocol, portProtocols, protocolNames } from '../net/index.js';
import type { Cursor } from './cursor.js';
import { parseLimit } from './parse-limit.js';
import { parseList } from './parse-list.js';
import { type PeerContext, parsePeers } from './parse-peers.js';
import { parsePorts } from './parse-ports.js';
import { refuse } from './refuse.js';
import type { RuleStatement, SideClause, Warning } from './syntax.js';
import type { SourceLocation, Verdict } from './types.js';

// Alternative names may be longer than names: ALTIFNAMSIZ less the final zero.
const INTERFACE = /^(?!\.{1,2}$)[\w.@-]{1,127}$/;

/**
 * Reads the rest of a rule, after its verdict.
 *
 * @param verdict the verdict that was read
 * @param warnings where warnings are added
 * @throws AlfError ALF_RULE
 */
export function parseRuleBody(cursor: Cursor, verdict: Verdict, warnings: Warning[]): RuleStatement {
  const start = cursor.lastToken;
  const interfaces = cursor.take('in') ? parseInterfaces(cursor) : undefined;
  const protocolsAt = cursor.location;
  const protocols = cursor.take('proto') ? parseProtocols(cursor) : undefined;
  const from = cursor.take('from') ? parseSide(cursor, verdict, warnings) : undefined;
  const to = cursor.take('to') ? parseSide(cursor, verdict, warnings) : undefined;
  if (from?.ports !== undefined || to?.ports !== undefined) checkHavePorts(protocols, protocolsAt);
  const limit = cursor.take('limit') ? parseLimit(cursor) : undefined;
  const logAt = cursor.location;
  const log = cursor.take('log') ? { location: logAt } : undefined;
  const text = cursor.textSince(start);
  const comment = cursor.expectEndOfLine();
  const { location } = start;
  return { kind: 'rule', verdict, interfaces, protocols, from, to, limit, log, comment, location, text };
}

function parseInterfaces(cursor: Cursor): string[] {
  cursor.expect('on');
  return parseList(cursor, 'an interface name', (text, location) => {
    if (INTERFACE.test(text)) return text;
    const expected = 'letters, digits, _, ., - and @, 127 at most, no wildcards';
    return refuse(location, `${quote(text)} is not an interface name: expected ${expected}`);
  });
}

function parseProtocols(cursor: Cursor): number[] {
  return parseList(cursor, 'a protocol', (text, location) => {
    const expected = `${protocolNames.join(', ')} or a number from 0 to 255`;
    return parseProtocol(text) ?? refuse(location, `${quote(text)} is not a protocol: expected ${expected}`);
  });
}

function parseSide(cursor: Cursor, context: PeerContext, warnings: Warning[]): SideClause {
  const peers = parsePeers(cursor, context, warnings);
  return { peers, ports: cursor.take('port') ? parsePorts(cursor) : undefined };
}

function checkHavePorts(protocols: readonly number[] | undefined, location: SourceLocation): void {
  const portless = protocols?.find((protocol) => !portProtocols.includes(protocol));
  if (portless !== undefined) {
    const hint = 'port without proto means tcp and udp; write a rule of its own for other protocols';
    refuse(location, `proto ${formatProtocol(portless)} goes with no port: expected tcp, udp or both`, hint);
  }
}
