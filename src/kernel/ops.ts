import type { Constants } from './constants.js';
import type { TcpSocket } from './tcp-socket.js';

/**
 * A number ≥ 0, or a negated errno. What a positive number means stands at each function.
 */
export type Status = number;

/** A listener in a reuseport group with its sink, by descriptors. */
export interface KeptGroup {
  readonly listener: number;
  readonly sink: number;
  /** The other end of the connection that fills the sink's accept queue; -1 if it is not full. */
  readonly peer: number;
}

/** An entry of the user database. */
export interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** An entry of the group database. */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
}

/** Everything the last step needs. Byte strings carry no terminating zero and hold none. */
export interface HandoverOptions {
  /** What execve(2) runs: an absolute path, or one relative to the working directory. */
  readonly path: Uint8Array;
  readonly argv: readonly Uint8Array[];
  /** `NAME=value` each. */
  readonly environment: readonly Uint8Array[];
  /** Goes to fd 3, 4, … in this order. */
  readonly listeners: readonly number[];
  /** Descriptors ≥ 3 that were open before us; they stay where they are. */
  readonly inherited: readonly number[];
  /** Those of `inherited` that a filter was put on. It is taken off if the handover fails before it is locked. */
  readonly adopted: readonly number[];
  /** Whether these filters are locked, as the last thing before execve(2). */
  readonly lockAdopted: boolean;
  /** For fd 0, 1 and 2: whether it was open before us. */
  readonly stdioOpen: readonly [boolean, boolean, boolean];
  /** Signals to ignore: bit n-1 is signal n. All others get their default disposition. */
  readonly ignoredSignals: bigint;
  /** Signals to block: bit n-1 is signal n. */
  readonly blockedSignals: bigint;
  /** RLIMIT_NOFILE; 2^64-1 is "unlimited". */
  readonly nofileSoft: bigint;
  readonly nofileHard: bigint;
}

/** System calls of the core addon. Each function is one call, or one sequence that must not return to JavaScript. */
export interface CoreOps {
  readonly constants: Constants;
  /** socket(2), close-on-exec. @returns the descriptor, owned by the caller */
  socket(family: number, type: number, protocol: number): Status;
  /** setsockopt(2) with an int. */
  setsockopt(fd: number, level: number, name: number, value: number): Status;
  /** setsockopt(2) with a name. @param value without its terminating zero */
  setsockoptText(fd: number, level: number, name: number, value: string): Status;
  /** getsockopt(2). @param into receives the value @returns its size in bytes */
  getsockopt(fd: number, level: number, name: number, into: Uint8Array): Status;
  /**
   * setsockopt(2) with a classic program.
   *
   * @param option SO_ATTACH_FILTER or SO_ATTACH_REUSEPORT_CBPF
   * @param program array of `struct sock_filter`, at most 65535; the kernel takes 4096
   */
  attachClassic(fd: number, option: number, program: Uint8Array): Status;
  /**
   * Wants TCP's MD5 signatures of the peers in a prefix, and signs what is sent to them. Since Linux 4.13 for prefixes.
   *
   * @param sockaddr the prefix's address, port 0
   * @param prefixLength in bits of that address; of a v4-mapped one, in bits of the IPv4 address
   * @param key at most 80 bytes; an empty one takes it back
   */
  md5Key(fd: number, sockaddr: Uint8Array, prefixLength: number, key: Uint8Array): Status;
  /** bind(2). @param sockaddr as encoded by `net/encodeSockaddr` */
  bind(fd: number, sockaddr: Uint8Array): Status;
  /**
   * bind(2) for a UNIX socket, under a umask that leaves its file just these permissions.
   *
   * @param sockaddr as encoded by `net/encodeUnixSockaddr`
   * @param mode nine bits: 0o666
   */
  bindFile(fd: number, sockaddr: Uint8Array, mode: number): Status;
  /** unlink(2). @param path without its terminating zero */
  unlink(path: Uint8Array): Status;
  /** listen(2). */
  listen(fd: number, backlog: number): Status;
  /** connect(2). @returns -EINPROGRESS on a socket made with SOCK_NONBLOCK */
  connect(fd: number, sockaddr: Uint8Array): Status;
  /** poll(2) on one descriptor. @returns the events that are there, 0 if the time is over */
  poll(fd: number, events: number, timeoutMs: number): Status;
  /** getsockname(2). @param into receives the sockaddr @returns its size in bytes */
  getsockname(fd: number, into: Uint8Array): Status;
  /**
   * accept(2) without waiting, and an end to the connection that was accepted: the peer is sent a reset.
   *
   * @param into receives the peer's sockaddr
   * @returns -EAGAIN if none waits
   */
  resetWaiting(fd: number, into: Uint8Array): Status;
  /**
   * NETLINK_SOCK_DIAG: the TCP sockets of this network namespace that have a local port and listen, or are connected (in
   * state ESTABLISHED or CLOSE_WAIT) and belong to no file.
   *
   * Not a snapshot: while sockets come and go one may be missing, or be there twice.
   *
   * @see sock_diag(7)
   */
  tcpSockets(family: number, port: number): readonly TcpSocket[] | Status;
  /** recv(2) of a datagram without waiting, and without a look at it. @returns -EAGAIN if there is none */
  discardDatagram(fd: number): Status;
  /** getrandom(2). @param into is filled, 256 bytes at most @returns its size */
  random(into: Uint8Array): Status;
  /** close(2). */
  close(fd: number): Status;
  /** if_nametoindex(3). @returns the index */
  interfaceIndex(name: string): Status;
  /**
   * Asks the kernel for a network interface by RTM_GETLINK, without statistics.
   *
   * @param nameOrIndex its name, an alternative name (since Linux 5.5) or its index
   * @param into receives the RTM_NEWLINK message, in host byte order
   * @returns its size in bytes. -ENODEV if there is no such interface
   * @see rtnetlink(7)
   */
  link(nameOrIndex: string | number, into: Uint8Array): Status;
  /**
   * Starts the companion with duplicates of the sinks and waits until it is in place. It watches this process, and no child
   * of this process is left, unless this is the init of a PID namespace.
   *
   * @param program path of its executable
   * @param uid the user the target is going to be, -1 if it stays who we are
   * @returns its process id. -EPIPE if it ended without an answer, -ETIMEDOUT if there was none for five seconds
   */
  startCompanion(program: Uint8Array, groups: readonly KeptGroup[], uid: number): Status;
  /**
   * Sets no_new_privs and a seccomp filter on the calling thread, kept across exec: what would undo steering fails with
   * EPERM. -ENOSYS on an architecture the filter has not been written for. Since Linux 4.17.
   */
  guard(): Status;
  /** Whether `guard` would work. Tries it on a thread of its own, so the process stays as it is. */
  tryGuard(): Status;
  /** capset(2) on the calling thread. Bit n of each mask is capability n. */
  capset(effective: bigint, permitted: bigint, inheritable: bigint): Status;
  /** Takes a capability out of the ambient set. Since Linux 4.3. */
  lowerAmbient(capability: number): Status;
  /** Takes a capability out of the bounding set; needs CAP_SETPCAP. Since Linux 2.6.25. */
  dropBounding(capability: number): Status;
  /** getpwnam(3) or getpwuid(3), whatever NSS is set up to ask. @returns the entry, or 0 if there is none */
  user(user: string | number): UserEntry | Status;
  /** getgrnam(3) or getgrgid(3). @returns the entry, or 0 if there is none */
  group(group: string | number): GroupEntry | Status;
  /** getgrouplist(3): the groups a user is a member of. @param gid of the group that is added to them */
  groupsOf(user: string, gid: number): readonly number[];
  /** setgroups(2) for the calling thread, the one that will exec. */
  setgroups(gids: readonly number[]): Status;
  /** setresgid(2) for the calling thread: real, effective and saved. */
  setgid(gid: number): Status;
  /** setresuid(2) for the calling thread: real, effective and saved. */
  setuid(uid: number): Status;
  /** chdir(2). */
  chdir(directory: string): Status;
  /** umask(2). @returns 0 */
  umask(mask: number): Status;
  /** Sets no_new_privs on the calling thread. Since Linux 3.5. */
  noNewPrivs(): Status;
  /** Loads the smallest possible eBPF socket filter and closes it: 0 if this process may do that. */
  probeSocketFilter(): Status;
  /**
   * membarrier(2): waits until the kernel is done with every packet that it had begun with. Some 10 ms.
   *
   * Since Linux 4.3. @returns -EINVAL if the machine was booted with nohz_full
   */
  awaitGracePeriod(): Status;
  /** The inode of this process's pidfd, unique for as long as the machine runs; 0 where there is no pidfs (before Linux 6.9). */
  pidfdId(): bigint;
  /**
   * _exit(2). Behind `guard` a process cannot end as Node does: its event loop uses io_uring, and libuv aborts at EPERM.
   *
   * @param status from 0 to 255
   */
  exit(status: number): never;
  /** Becomes the target. @returns only if nothing has been changed: -errno */
  handover(options: HandoverOptions): Status;
}

/** The eBPF addon: libbpf. Object handles are not descriptors; descriptors it returns belong to their object. */
export interface BpfOps {
  /** Opens an ELF object; nothing is created in the kernel yet. @returns a handle */
  objectOpen(file: Uint8Array, name: string): Status;
  /**
   * Fills the running kernel's numbers into a program that is not loaded yet. Reads /sys/kernel/btf/vmlinux.
   *
   * @returns -ENOTSUP if the kernel does not have all of them
   * @see ebpf/include/alf/kernel.h
   */
  relocateKernelSymbols(handle: number, name: string): Status;
  /**
   * Creates the maps and loads the program `entry` as a socket filter. An object can be loaded once.
   *
   * @param trace whether the log is to have all that the verifier went through, not only why it refused
   */
  objectLoad(handle: number, entry: string, trace: boolean): Status;
  /** @returns the descriptor of a loaded program */
  objectProgram(handle: number, name: string): Status;
  /** @returns the descriptor of a created map */
  objectMap(handle: number, name: string): Status;
  /** @returns a copy of a loaded program: array of `struct bpf_insn`, maps by their descriptors */
  objectInstructions(handle: number, name: string): Uint8Array;
  /** Closes the object's descriptors. What a socket holds lives on. */
  objectClose(handle: number): Status;
  /** @returns the id under which bpftool(8) knows the program */
  programId(fd: number): Status;
  /** Loads a socket filter. @param program array of `struct bpf_insn` @returns its descriptor, owned by the caller */
  programLoad(program: Uint8Array): Status;
  /**
   * bpf(2) BPF_PROG_TEST_RUN. Since Linux 4.12, with an interface since 5.6.
   *
   * @param frame an Ethernet frame, of which the program gets what is behind the header
   * @param ifindex the interface it comes in on; 0 and 1 are loopback
   * @returns what the program returns, from 0 to 2^32 - 1
   */
  programTestRun(fd: number, frame: Uint8Array, ifindex: number): Status;
  /** bpf(2) BPF_MAP_UPDATE_ELEM, creating or replacing. Sizes must be the map's. */
  mapUpdate(fd: number, key: Uint8Array, value: Uint8Array): Status;
  /**
   * bpf(2) BPF_MAP_LOOKUP_ELEM. Sizes must be the map's.
   *
   * @param into receives the value; of a per-CPU map one for every possible CPU, each in a multiple of 8 bytes
   * @returns -ENOENT if there is none
   */
  mapLookup(fd: number, key: Uint8Array, into: Uint8Array): Status;
  /** bpf(2) BPF_MAP_DELETE_ELEM. @returns -ENOENT if there is none, -EINVAL for a map whose entries always exist */
  mapDelete(fd: number, key: Uint8Array): Status;
  /**
   * bpf(2) BPF_MAP_GET_NEXT_KEY.
   *
   * @param key undefined asks for the first key, and so does one that is not in a hash
   * @param into receives the key behind `key`
   * @returns -ENOENT if there is none
   */
  mapNextKey(fd: number, key: Uint8Array | undefined, into: Uint8Array): Status;
  /** @returns how many values an entry of a per-CPU map has */
  possibleCpus(): Status;
  /**
   * bpf(2) BPF_MAP_UPDATE_BATCH. Since Linux 5.6.
   *
   * @param keys `count` keys one behind the other
   * @param values `count` values one behind the other
   */
  mapUpdateBatch(fd: number, keys: Uint8Array, values: Uint8Array, count: number): Status;
  /** Creates an array with one element of `valueSize` bytes. @returns its descriptor, owned by the caller */
  mapCreateArray(name: string, valueSize: number): Status;
  /** close(2) for a map of one's own. */
  mapClose(fd: number): Status;
  /** What libbpf and the verifier have said since the last call. */
  takeLog(): string;
}

/** A table as libbcc describes it. */
export interface BccTable {
  readonly name: string;
  /** BPF_MAP_TYPE_*. */
  readonly type: number;
  /** The types of a key and of a value, as JSON: `"unsigned int"`, or `["name", [["member", TYPE], …], "struct"]`. */
  readonly keyDescriptor: string;
  readonly leafDescriptor: string;
  /** In bytes. */
  readonly keySize: number;
  readonly leafSize: number;
  readonly maxEntries: number;
  /** BPF_F_*. */
  readonly flags: number;
  /** Descriptor of the map; it belongs to the module. */
  readonly fd: number;
}

/** The BCC addon: libbcc with clang in it. Module handles are not descriptors. */
export interface BccOps {
  /**
   * Compiles C in BCC's dialect and creates its tables in the kernel.
   *
   * If LLVM crashes, or ends the process as it does on some errors, one line is printed and the exit status is 125.
   *
   * @param name what to call the source in that line
   * @param flags for clang
   * @param kernel directory of a kernel's source, if the environment variable BCC_KERNEL_SOURCE does not name one
   * @returns a handle
   */
  moduleCompile(name: string, text: string, flags: readonly string[], kernel: string): Status;
  /** Names of the functions that can be loaded. */
  moduleFunctions(handle: number): readonly string[];
  moduleTables(handle: number): readonly BccTable[];
  /** What it declares as its licence, empty if nothing. */
  moduleLicense(handle: number): string;
  /** The instructions of a function, tables in them by their descriptors. */
  moduleCode(handle: number, name: string): Uint8Array;
  /** Loads a function as a socket filter. @returns its descriptor, owned by the caller */
  moduleLoad(handle: number, name: string): Status;
  /** @returns a copy of a function: array of `struct bpf_insn`, tables by their descriptors */
  moduleInstructions(handle: number, name: string): Uint8Array;
  /** Closes the descriptors of the tables. What a program holds lives on. */
  moduleClose(handle: number): Status;
  /** What libbcc, clang and the verifier have said since the last call. */
  takeLog(): string;
}

/**
 * The native calls of a launch, as one parameter, so that a test can pass a recording or failing one.
 *
 * `bpf` and `bcc` are functions because libbpf, and libbcc with its compiler, are loaded only by those who need them.
 */
export interface Ops {
  readonly core: CoreOps;
  readonly bpf: () => BpfOps;
  readonly bcc: () => BccOps;
}
