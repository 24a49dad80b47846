import { type InternetSpec, isUnix, type UnixSpec } from '../net/index.js';
import type { Tier } from './config.js';
import type { CapabilityName } from './facts.js';
import type { PlannedIdentity } from './identity.js';
import type { Passing } from './passing.js';

/** A socket option by its kernel name. */
export interface PlannedOption {
  readonly level: 'SOL_SOCKET' | 'IPPROTO_IP' | 'IPPROTO_IPV6' | 'IPPROTO_TCP';
  readonly name:
    | 'SO_REUSEADDR'
    | 'SO_REUSEPORT'
    | 'SO_BINDTODEVICE'
    | 'SO_MARK'
    | 'SO_KEEPALIVE'
    | 'SO_BROADCAST'
    | 'SO_TIMESTAMP'
    | 'SO_TIMESTAMPNS'
    | 'SO_PRIORITY'
    | 'SO_RCVBUF'
    | 'SO_RCVBUFFORCE'
    | 'SO_SNDBUF'
    | 'SO_SNDBUFFORCE'
    | 'SO_PASSCRED'
    | 'SO_PASSSEC'
    | 'IP_FREEBIND'
    | 'IP_TRANSPARENT'
    | 'IP_PKTINFO'
    | 'IP_TOS'
    | 'IP_TTL'
    | 'IPV6_V6ONLY'
    | 'IPV6_FREEBIND'
    | 'IPV6_TRANSPARENT'
    | 'IPV6_RECVPKTINFO'
    | 'IPV6_TCLASS'
    | 'IPV6_UNICAST_HOPS'
    | 'TCP_KEEPIDLE'
    | 'TCP_KEEPINTVL'
    | 'TCP_KEEPCNT'
    | 'TCP_NODELAY'
    | 'TCP_DEFER_ACCEPT'
    | 'TCP_CONGESTION';
  /** An int, or the name of an interface or an algorithm. */
  readonly value: number | string;
  /** It is about what is received and sent: a socket that only holds the address, and serves nobody, goes without. */
  readonly traffic?: true;
}

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
  /** `none`: the rules allow everybody whom the file's permissions let through. */
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
  /** Capabilities that came as ambient ones, were used, and are dropped before the exec. */
  readonly drop: {
    readonly capabilities: readonly CapabilityName[];
    /** Whether the bounding set can be and is lowered as well. */
    readonly bounding: boolean;
  };
  /** Variables that are set for the target, `NAME=value` each. */
  readonly environment: readonly string[];
  /** Who the program is going to be, where that is not who we are. */
  readonly identity?: PlannedIdentity;
  /** How the program gets the sockets, where that is not as they are. */
  readonly passing?: Passing;
  readonly target: readonly string[];
  /** What was accepted but may not have been meant; one line each. */
  readonly warnings: readonly string[];
}
