import { type InternetSpec, isUnix, type UnixSpec } from '../net/index.js';
import type { CapabilityName } from './capabilities.js';
import type { SocketHandoff, Tier } from './config.js';
import type { PlannedIdentity } from './identity-step.js';
import type { PlannedOption } from './planned-option.js';

/** What is the same for every listening socket. */
interface Planned {
  /** For people: `tcp [::]:4242`. */
  readonly label: string;
  /** In the order they are set, all before the filter. */
  readonly options: readonly PlannedOption[];
  /** Tiers `classic` and `steer`: array of `struct sock_filter`, as hexadecimal digits. */
  readonly program?: string;
  readonly lock: boolean;
  /** How many connections may wait to be accepted; undefined is as many as the kernel lets. */
  readonly backlog?: number;
  /** The descriptor in the target. */
  readonly fd: number;
  /** Its name in LISTEN_FDNAMES. */
  readonly fdname: string;
  /** It was passed in by socket activation, at this descriptor: it is bound, and has its options. */
  readonly inherited?: true;
}

/** A TCP or UDP socket: what it is, what is put on it, where it goes. */
export interface InternetListener extends Planned {
  readonly socket: InternetSpec;
  /** Interface index of a scoped address, else 0. */
  readonly scopeId: number;
  readonly tier: Tier;
}

/** A UNIX socket: what it is, what is put on it, where it goes. */
export interface UnixListener extends Planned {
  readonly socket: UnixSpec;
  /** Permissions of its file. */
  readonly mode: number;
  /** `none`: the rules allow every peer that the file's permissions allow. */
  readonly tier: Exclude<Tier, 'steer'> | 'none';
}

/** One listening socket. */
export type PlannedListener = InternetListener | UnixListener;

/** Tells the two kinds of listeners apart. */
export function isUnixListener(listener: PlannedListener): listener is UnixListener {
  return isUnix(listener.socket);
}

/** A map entry in the map's bytes, as hexadecimal digits. */
export interface PlannedEntry {
  readonly map: string;
  readonly key: string;
  readonly value: string;
  /** Key and value as `--set` takes them for the map's own types. */
  readonly keyText: string;
  readonly valueText: string;
  /** The value goes to every CPU. */
  readonly perCpu?: true;
}

/** A socket that the program is expected to open. */
export interface PlannedDeclaration {
  /** For people: `udp [::]:53`. */
  readonly label: string;
  /** An unspecified address stands for each one, port 0 for each port. */
  readonly socket: InternetSpec;
  /** Interface index of a scoped address, else 0. */
  readonly scopeId: number;
}

/** How the TCP or UDP sockets that the program opens are filtered. */
export interface PlannedMechanism<T extends Tier> {
  readonly tier: T;
  /** Tiers `classic` and `steer`: array of `struct sock_filter`, as hexadecimal digits. */
  readonly program?: string;
}

/** How sockets that the program opens itself are filtered. */
export interface PlannedInterception {
  /**
   * `fetch`: the companion duplicates sockets at bind(2) and listen(2), by pidfd_getfd(2). `create`: it creates them at
   * socket(2), on tiers `steer` and `classic` only.
   */
  readonly mechanism: 'fetch' | 'create';
  /** What happens to sockets that are not declared. */
  readonly undeclared: 'filter' | 'refuse';
  readonly declared: readonly PlannedDeclaration[];
  readonly tcp: PlannedMechanism<Tier> & {
    /** Tier `steer`: index of the instruction `mod #1`, whose operand the runtime sets to the number of listeners in a group. */
    readonly spread?: number;
  };
  readonly udp: PlannedMechanism<Exclude<Tier, 'steer'>>;
  /** Ports of UDP sockets that are clients: they are not filtered unless they are declared. Absent if there are none. */
  readonly clientPorts?: readonly [first: number, last: number];
  /** The target may gain privileges by execve(2): no_new_privs is not set. */
  readonly newPrivileges: boolean;
  /** A line on standard error for each socket. */
  readonly verbose: boolean;
}

/** Everything a launch does, decided beforehand: frozen, and the same text as JSON. */
export interface Plan {
  readonly filter: {
    readonly name: string;
    readonly file: string;
    readonly entry: string;
    readonly entries: readonly PlannedEntry[];
    /** What the rules come to in a few words, where the filter is a policy. */
    readonly policy?: string;
  };
  readonly listeners: readonly PlannedListener[];
  /** How sockets that the program opens itself are filtered; absent if they are not. */
  readonly interception?: PlannedInterception;
  /** Capabilities that came as ambient ones, were used, and are dropped before the exec. */
  readonly drop: {
    readonly capabilities: readonly CapabilityName[];
    /** Whether the bounding set can be and is lowered as well. */
    readonly bounding: boolean;
  };
  /** The seccomp program that the target runs under: array of `struct sock_filter`, as hexadecimal digits. */
  readonly guard?: string;
  /** Variables that are set for the target, `NAME=value` each. */
  readonly environment: readonly string[];
  /** Who the program is going to be, where that is not who we are. */
  readonly identity?: PlannedIdentity;
  /** How the program gets the sockets, where that is not as they are. */
  readonly passing?: SocketHandoff;
  readonly target: readonly string[];
  /** What was accepted but may not have been meant; one line each. */
  readonly warnings: readonly string[];
}
