import { quoteWhole } from '../errors/index.js';
import { formatAddress, formatPrefix, formatProtocol } from '../net/index.js';
import { formatDuration } from './duration.js';
import { formatPortRange } from './parse-ports.js';
import type {
  LimitClause,
  Peer,
  PolicySource,
  RuleStatement,
  SetLine,
  SetStatement,
  SideClause,
  Statement,
} from './syntax.js';

/**
 * Writes rules in their canonical form, comments included; parsing it again gives the same rules.
 *
 * One statement a line, lists as `a, b`, addresses as in RFC 5952. The lines of a set are unchanged.
 *
 * @returns the text with its final newline; empty if there is nothing to write
 */
export function formatPolicy(source: PolicySource): string {
  return source.statements.map((statement) => `${formatStatement(statement)}\n`).join('');
}

/** Writes one rule in its canonical form, without its comment. */
export function formatRule(rule: RuleStatement): string {
  return joinWords([
    rule.verdict,
    clause('in on', rule.interfaces),
    clause('proto', rule.protocols?.map(formatProtocol)),
    formatSide('from', rule.from),
    formatSide('to', rule.to),
    formatLimit(rule.limit),
    rule.log === undefined ? '' : 'log',
  ]);
}

function formatStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'comment':
      return statement.text;
    case 'rule':
      return joinWords([formatRule(statement), statement.comment]);
    case 'default':
      return joinWords(['default', statement.verdict, statement.comment]);
    case 'set':
      return joinWords(['set', statement.name, formatLines(statement), statement.comment]);
    case 'set-file': {
      const { name, path, refreshSeconds, comment } = statement;
      const refresh = refreshSeconds === undefined ? '' : `refresh ${formatDuration(refreshSeconds)}`;
      return joinWords(['set', name, 'file', formatPath(path), refresh, comment]);
    }
  }
}

function formatLines({ lines }: SetStatement): string {
  const [first, second] = lines;
  if (first === undefined) return '{ }';
  if (second === undefined && first.comment === '') return `{ ${formatPeers(first.peers)} }`;
  return `{\n${lines.map((line) => `  ${formatLine(line)}\n`).join('')}}`;
}

function formatLine(line: SetLine): string {
  return joinWords([formatPeers(line.peers), line.comment]);
}

function formatSide(name: string, side: SideClause | undefined): string {
  if (side === undefined) return '';
  return joinWords([name, formatPeers(side.peers), clause('port', side.ports?.map(formatPortRange))]);
}

function formatPeers(peers: readonly Peer[]): string {
  return peers.map(formatPeer).join(', ');
}

function formatPeer(peer: Peer): string {
  switch (peer.kind) {
    case 'prefix': {
      const { prefix } = peer;
      const whole = prefix.length === 8 * prefix.bytes.length;
      return whole ? formatAddress({ ...prefix, zone: '' }) : formatPrefix(prefix);
    }
    case 'range':
      return `${formatAddress(peer.first)}-${formatAddress(peer.last)}`;
    case 'word':
      return peer.word;
    case 'set':
      return `@${peer.name}`;
    case 'host':
      return peer.name;
  }
}

function formatLimit(limit: LimitClause | undefined): string {
  if (limit === undefined) return '';
  const burst = limit.burst === undefined ? '' : `burst ${limit.burst}`;
  const per = limit.per === undefined ? '' : `per ${limit.per}`;
  return joinWords([`limit ${limit.count}/${limit.unit}`, burst, per]);
}

/** A word needs no quotes if `quote` leaves it unchanged; the rule language has no escapes. */
function formatPath(path: string): string {
  return quoteWhole(path) === path && !path.includes(',') ? path : `"${path}"`;
}

function clause(name: string, items: readonly string[] | undefined): string {
  return items === undefined ? '' : `${name} ${items.join(', ')}`;
}

function joinWords(words: readonly string[]): string {
  return words.filter((word) => word !== '').join(' ');
}
