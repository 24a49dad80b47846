import type { AddressFamily } from '../net/index.js';

/** The verdict for a packet. */
export type Verdict = 'allow' | 'deny';

/** An inclusive range of ports, host order. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A set of IPv4 and IPv6 addresses as sorted, disjoint, non-adjacent inclusive ranges.
 *
 * IPv4 clients of dual-stack sockets and `::ffff:a.b.c.d` are IPv4 addresses here, so one rule matches both.
 * An empty set has no address.
 */
export interface AddressSet {
  /** Pairs first, last as host-order numbers; length is 2 × ranges. */
  readonly v4: Uint32Array;
  /** Quadruples firstHigh, firstLow, lastHigh, lastLow as host-order numbers; length is 4 × ranges. */
  readonly v6: BigUint64Array;
}

/** The location of a rule, for messages and for `check`. Lines and columns count from 1. */
export interface SourceLocation {
  /** A file name, `<stdin>`, or an option (`--allow`). */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The conditions of a rule. A field that is `undefined` matches anything; an empty list matches nothing. */
export interface Match {
  readonly interfaces: readonly string[] | undefined;
  /** IP protocol numbers. */
  readonly protocols: readonly number[] | undefined;
  readonly source: AddressSet | undefined;
  readonly sourcePorts: readonly PortRange[] | undefined;
  readonly destination: AddressSet | undefined;
  readonly destinationPorts: readonly PortRange[] | undefined;
}

/** A rule with every word, name and set resolved. */
export interface Rule {
  readonly verdict: Verdict;
  readonly match: Match;
  readonly location: SourceLocation;
  /** The rule as its author wrote it, for messages. */
  readonly text: string;
}

/** An ordered list of rules, of which the first match decides, and the default. */
export interface Policy {
  readonly rules: readonly Rule[];
  readonly default: Verdict;
}

/** The fields of a packet that rules can match, and a socket filter can read. */
export interface Packet {
  readonly family: AddressFamily;
  /** 4 or 16 bytes, network order. */
  readonly source: readonly number[];
  readonly destination: readonly number[];
  /** IP protocol number of the transport header. */
  readonly protocol: number;
  /** Host order; 0 for protocols without ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Name of the interface on which it arrived. */
  readonly ifname: string;
}
