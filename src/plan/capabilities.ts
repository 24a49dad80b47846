import type { ObjectSpec } from '../bpf/object/index.js';
import type { ListenSpec } from '../net/index.js';
import type { Policy } from '../policy/index.js';

/** The capability sets of this process; bit n is capability n. */
export interface Credentials {
  readonly uid: number;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
}

/** Whether a tier works here, found by trying. */
export type ProbeResult =
  | { readonly works: true }
  | { readonly works: false; readonly errno: string; readonly reason: string };

/** Capabilities we may use, and so may have to drop. Their names are the kernel's. */
export type CapabilityName =
  | 'CAP_BPF'
  | 'CAP_NET_ADMIN'
  | 'CAP_NET_BIND_SERVICE'
  | 'CAP_NET_RAW'
  | 'CAP_PERFMON'
  | 'CAP_SETGID'
  | 'CAP_SETPCAP'
  | 'CAP_SETUID'
  | 'CAP_SYS_ADMIN'
  | 'CAP_SYS_PTRACE';

/** A user: all of it where there is an entry, else the number alone. */
export interface Account {
  readonly uid: number;
  readonly gid?: number;
  readonly name?: string;
  readonly home?: string;
  readonly shell?: string;
}

/** A socket that was passed in by socket activation. */
export interface InheritedSocket {
  /** Its name in LISTEN_FDNAMES. */
  readonly name: string;
  /** What it is and where it is bound. */
  readonly spec: ListenSpec;
}

/** A network interface that was found by its name. */
export interface FoundInterface {
  readonly index: number;
  /** The interface on which its packets come in, if it is a port of a bridge, bond, team or VRF. */
  readonly master: string | undefined;
}

/** What interception needs, found by trying. */
export interface InterceptionAnswers {
  /** Whether the companion could look into this process: pidfd_getfd(2), process_vm_readv(2). */
  readonly fetch: ProbeResult;
  /** Whether it could be notified of system calls: seccomp_unotify(2). */
  readonly notify: ProbeResult;
  /** Whether it could create the sockets in place of this process; undefined if it was not asked, because `fetch` works. */
  readonly create: ProbeResult | undefined;
  /** `kernel.yama.ptrace_scope`; undefined if it cannot be read, as on a kernel without Yama. */
  readonly ptraceScope: number | undefined;
  /** `net.ipv4.ip_local_port_range`: ports that the kernel picks for sockets of clients. Undefined if it cannot be read. */
  readonly localPorts: readonly [first: number, last: number] | undefined;
}

/** What the plan needs to know of this machine and this process. */
export interface Capabilities {
  readonly credentials: Credentials;
  readonly capabilityNumbers: Readonly<Record<CapabilityName, number>>;
  readonly tiers: {
    readonly ebpf: ProbeResult;
    readonly classic: { readonly tcp: ProbeResult; readonly udp: ProbeResult };
    /** For TCP; there is nothing to steer on UDP. */
    readonly steer: ProbeResult;
  };
  /** Undefined if it was not asked. */
  readonly interception: InterceptionAnswers | undefined;
  /** In the order of their descriptors, from 3 on. */
  readonly inherited: readonly InheritedSocket[];
  /** `net.core.optmem_max` in bytes: how much memory the filters of a socket may take. Undefined if it cannot be read. */
  readonly optmemMax: number | undefined;
  readonly hasIpv6: boolean;
  /** The architecture as uname(2) calls it: `x86_64`. */
  readonly machine: string;
  /** The interfaces that were asked for, each under the name it was asked for by. */
  readonly interfaces: ReadonlyMap<string, FoundInterface>;
  /** The user and the group that were asked for by name, where there is such an entry. */
  readonly accounts: {
    readonly user: Account | undefined;
    readonly group: number | undefined;
    /** The groups that the user is a member of, and its own. */
    readonly groups: readonly number[];
  };
}

/** A filter that was found and read. */
export interface FilterInput {
  /** What messages and bpftool(8) call it: `whitelist-private`. */
  readonly name: string;
  /** The object's file, absolute. */
  readonly file: string;
  readonly spec: ObjectSpec;
  /** Whether the filter is one of ours: those without state have an equivalent policy. */
  readonly shipped: boolean;
  /** The rules, where the filter is the one that judges by rules. */
  readonly policy: Policy | undefined;
}
