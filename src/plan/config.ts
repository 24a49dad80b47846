import type { EntryText } from '../bpf/values/index.js';
import type { ListenSpec } from '../net/index.js';
import type { SocketOptions } from './socket-options.js';

/** How a filter is enforced on a socket. */
export type Tier = 'ebpf' | 'classic' | 'steer';

/** What a command line says about who the program runs as, and where; its words checked, no name looked up. */
export interface IdentityRequest {
  /** A name or a number. */
  readonly user?: string;
  /** A name or a number; without one it is the user's own. */
  readonly group?: string;
  readonly directory?: string;
  readonly umask?: number;
  readonly noNewPrivs?: true;
  readonly dropCapabilities?: true;
}

/**
 * How the program gets its sockets, where it does not get those that listen at fd 3, 4, …
 *
 * @see systemd-socket-activate(1)
 */
export type SocketHandoff =
  /** Its standard input and output are the one socket that listens. */
  | { readonly pass: 'listener' }
  | {
      /** It is run once for each connection, which is fd 3, or standard input and output. */
      readonly pass: 'connection' | 'connection-stdio';
      /** How many connections are served at a time. */
      readonly maxConnections: number;
      /** How many of them from one IPv4 address, one /64 of IPv6, or one user of a UNIX socket; 0 is any number. */
      readonly maxPerSource: number;
      /** Refused connections are not told of. */
      readonly quiet: boolean;
    };

/** What a command line asks for the sockets that the program opens itself. */
export interface InterceptionRequest {
  /** True if it follows from rules without a listener: passed-in sockets, where there are any, replace it. */
  readonly implied: boolean;
  /** What happens to a listener that is not in `declared`: it is filtered too, or refused. */
  readonly undeclared: 'filter' | 'refuse';
  /** The listeners that the program is expected to open. */
  readonly declared: readonly ListenSpec[];
  /** The program may gain privileges by execve(2). */
  readonly newPrivileges: boolean;
  /** Each socket is reported. */
  readonly verbose: boolean;
}

/** The lines of a `--set-file`, comments and blank lines gone. */
export interface EntryFile {
  readonly map: string;
  readonly file: string;
  readonly lines: readonly { readonly line: number; readonly text: string }[];
  /** Whether messages may quote the lines. */
  readonly quotable: boolean;
}

/** What a command line asks for, checked word by word but not yet against the filter or the machine. */
export interface Config {
  /** What to listen on, in the order the target finds the sockets. */
  readonly listeners: readonly ListenSpec[];
  /** Absent where sockets that the program opens itself are not filtered. */
  readonly interception?: InterceptionRequest;
  /** True if no listen option was given: passed-in sockets, where there are any, replace them. */
  readonly implied: boolean;
  /** Names for LISTEN_FDNAMES: the first is that of the first listener. */
  readonly fdnames: readonly string[];
  /** What the listeners are to be like; each option counts for those it is for. */
  readonly socketOptions: SocketOptions;
  /** Permissions of the files of UNIX sockets. */
  readonly socketMode: number;
  /** Variables for the target, `NAME=value` each. */
  readonly environment: readonly string[];
  /** Entries from files come first, so that the command line has the last word. */
  readonly entryFiles: readonly EntryFile[];
  readonly entries: readonly EntryText[];
  readonly tier: 'auto' | Tier;
  readonly lock: boolean;
  readonly identity: IdentityRequest;
  /** Absent where the program gets the sockets that listen. */
  readonly passing?: SocketHandoff;
  /** The program's name and arguments as text, for showing; the bytes that are exec'd travel apart. */
  readonly target: readonly string[];
}
