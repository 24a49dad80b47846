import type { Address, Prefix } from '../net/index.js';
import type { AddressWord } from './address-words.js';
import type { PortRange, SourceLocation, Verdict } from './types.js';

/** Rules as written: the statements in order, and warnings. */
export interface PolicySource {
  readonly statements: readonly Statement[];
  readonly warnings: readonly Warning[];
}

/** A warning about accepted text that is probably a mistake. */
export interface Warning {
  readonly location: SourceLocation;
  readonly message: string;
  /** Equal for warnings that differ only in their entry; these are counted, not repeated. */
  readonly kind?: 'host bits';
}

/** One statement; `comment` is what follows it on its line, with its `#`, or empty. */
export type Statement = RuleStatement | DefaultStatement | SetStatement | SetFileStatement | CommentStatement;

/** `allow` or `deny`, with its clauses; an absent clause is `undefined`. */
export interface RuleStatement {
  readonly kind: 'rule';
  readonly verdict: Verdict;
  readonly interfaces: readonly string[] | undefined;
  /** IP protocol numbers. */
  readonly protocols: readonly number[] | undefined;
  readonly from: SideClause | undefined;
  readonly to: SideClause | undefined;
  readonly limit: LimitClause | undefined;
  readonly log: LogClause | undefined;
  readonly comment: string;
  readonly location: SourceLocation;
  /** The rule as its author wrote it, without the comment. */
  readonly text: string;
}

/** One end of a connection: `from PEERS port PORTS`, `to ADDRS port PORTS`. */
export interface SideClause {
  /** At least one. */
  readonly peers: readonly Peer[];
  readonly ports: readonly PortRange[] | undefined;
}

/** One entry of a list of peers. IPv4-mapped IPv6 addresses have become IPv4 here. */
export type Peer = PrefixPeer | RangePeer | WordPeer | SetPeer | HostPeer;

/** `192.0.2.0/24`; an address is a prefix of full length. */
export interface PrefixPeer {
  readonly kind: 'prefix';
  readonly prefix: Prefix;
  readonly location: SourceLocation;
}

/** `192.0.2.1-192.0.2.9`, both included, of one family and in ascending order. */
export interface RangePeer {
  readonly kind: 'range';
  readonly first: Address;
  readonly last: Address;
  readonly location: SourceLocation;
}

/** A word such as `private`. */
export interface WordPeer {
  readonly kind: 'word';
  readonly word: AddressWord;
  readonly location: SourceLocation;
}

/** `@name`. */
export interface SetPeer {
  readonly kind: 'set';
  readonly name: string;
  readonly location: SourceLocation;
}

/** A host name in lower case, to be resolved when the policy is. */
export interface HostPeer {
  readonly kind: 'host';
  readonly name: string;
  readonly location: SourceLocation;
}

/** `limit COUNT/UNIT [burst N] [per address|PREFIXLEN]`. */
export interface LimitClause {
  /** At least 1. */
  readonly count: number;
  readonly unit: 'second' | 'minute';
  readonly burst: number | undefined;
  /** The scope of one limit: each address, each prefix of so many bits, or (`undefined`) all packets. */
  readonly per: 'address' | number | undefined;
  readonly location: SourceLocation;
}

/** `log`. */
export interface LogClause {
  readonly location: SourceLocation;
}

/** `default allow` or `default deny`. */
export interface DefaultStatement {
  readonly kind: 'default';
  readonly verdict: Verdict;
  readonly comment: string;
  readonly location: SourceLocation;
}

/** `set NAME { … }`. */
export interface SetStatement {
  readonly kind: 'set';
  readonly name: string;
  /** The entries by line, as written; empty lines are omitted. */
  readonly lines: readonly SetLine[];
  readonly comment: string;
  readonly location: SourceLocation;
}

/** One line between the braces of a set. */
export interface SetLine {
  readonly peers: readonly Peer[];
  readonly comment: string;
}

/** `set NAME file PATH [refresh DURATION]`. */
export interface SetFileStatement {
  readonly kind: 'set-file';
  readonly name: string;
  /** As written; the reader resolves a relative path. */
  readonly path: string;
  readonly refreshSeconds: number | undefined;
  readonly comment: string;
  readonly location: SourceLocation;
}

/** A line with a comment only, or an empty line between groups of statements (`text` is empty). */
export interface CommentStatement {
  readonly kind: 'comment';
  readonly text: string;
  readonly location: SourceLocation;
}
