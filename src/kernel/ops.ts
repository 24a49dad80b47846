import type { Constants } from './constants.js';

/**
 * A number ≥ 0, or a negated errno. What a positive number means stands at each function.
 */
export type Status = number;

/** What was tried, 0 or -errno each. */
export interface ProbeStatuses {
  /** Loading an eBPF socket filter. */
  readonly ebpf: Status;
  /** Attaching a classic filter to a TCP and to a UDP socket. */
  readonly classicTcp: Status;
  readonly classicUdp: Status;
  /** Attaching a classic program to a reuseport group. */
  readonly steer: Status;
  /** Opening an IPv6 socket. */
  readonly ipv6: Status;
}

/** What a companion could do, 0 or -errno each. */
export interface InterceptionStatuses {
  /** Duplicating a descriptor of this process, and reading its memory: pidfd_getfd(2), since Linux 5.6, process_vm_readv(2). */
  readonly fetch: Status;
  /** Installing a seccomp filter with a listener: SECCOMP_FILTER_FLAG_NEW_LISTENER, since Linux 5.0. */
  readonly notify: Status;
  /**
   * Creating the sockets of this process in its place: SECCOMP_ADDFD_FLAG_SEND, since Linux 5.14, and listing TCP sockets
   * that are bound, since 6.8. Tried completely only if `fetch` fails.
   */
  readonly create: Status;
}

/** The step of the runtime that failed. */
export interface LaunchFailure {
  /** Its name in ALF_STEPS, native/runtime/alf_runtime.h. */
  readonly step: string;
  /** The socket of the listener: 0 itself, 1 its sink, 2 the socket that makes a group of the sink. */
  readonly part: number;
  /** Index in the plan. */
  readonly listener: number;
  /** Index of an option of the listener, or of a change of the process. */
  readonly index: number;
  /** Positive. */
  readonly errno: number;
}

/** What was removed from the queue of a listener. */
export interface LaunchRemoved {
  /** Index in the plan. */
  readonly listener: number;
  readonly count: number;
  /** enum alf_reason, and an errno where it has one. */
  readonly reason: number;
  readonly errno: number;
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

/** The core addon: the runtime, and what the kernel and this process can be asked. */
export interface CoreOps {
  readonly constants: Constants;
  /**
   * Opens the listeners of a plan, starts the companion and changes the process, as far as it gets. One launch at a time.
   *
   * @param plan as encoded by `launch/encodePlan`
   * @param programFd the loaded program of tier `ebpf`, -1 if there is none; stays the caller's
   * @returns `bound`: the sockaddr of each listener that is open; `companion`: its process id, 0 if there is none
   */
  launchOpen(
    plan: Uint8Array,
    programFd: number,
  ): { readonly failure?: LaunchFailure; readonly bound: readonly Uint8Array[]; readonly companion: number };
  /**
   * Installs the guard and removes what arrived on inherited listeners before their filters.
   *
   * @param isAllowed tests a connection by the sockaddr of its two ends; undefined if only the filter can
   */
  launchSettle(isAllowed: ((peer: Uint8Array, own: Uint8Array) => boolean) | undefined): {
    readonly failure?: LaunchFailure;
    readonly removed: readonly LaunchRemoved[];
  };
  /**
   * Becomes the target.
   *
   * @param target as encoded by `launch/encodeTarget`
   * @returns only if nothing has changed: the failure
   */
  launchHandover(target: Uint8Array): LaunchFailure | undefined;
  /** Closes and removes what a launch has opened; without effect if none is open. */
  launchClose(): void;
  /** Tries on scratch sockets what this process may do here. */
  probe(): ProbeStatuses;
  /** Tries in a child process whether it could intercept the sockets of this one. */
  probeInterception(): InterceptionStatuses;
  /** Attaches a loaded eBPF program to a scratch socket: a socket is charged for the instructions of its filter. */
  tryAttach(programFd: number): Status;
  /**
   * For tests: lets a system call of the runtime fail in place of being made.
   *
   * @param call its number from now on, from 1; 0 for none
   * @returns the number of calls made since the last time
   */
  failCall(call: number, errno: number): number;
  /** Whether a seccomp program can be installed. Tries it on a thread of its own, so the process stays as it is. */
  tryGuard(program: Uint8Array): Status;
  /** setsockopt(2) with an int. */
  setsockopt(fd: number, level: number, name: number, value: number): Status;
  /** getsockopt(2). @param into receives the value @returns its size in bytes */
  getsockopt(fd: number, level: number, name: number, into: Uint8Array): Status;
  /** getsockname(2). @param into receives the sockaddr @returns its size in bytes */
  getsockname(fd: number, into: Uint8Array): Status;
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
  /** getpwnam(3) or getpwuid(3), by NSS. @returns the entry, or 0 if there is none */
  user(user: string | number): UserEntry | Status;
  /** getgrnam(3) or getgrgid(3). @returns the entry, or 0 if there is none */
  group(group: string | number): GroupEntry | Status;
  /** getgrouplist(3): the groups a user is a member of. @param gid of the group that is added to them */
  groupsOf(user: string, gid: number): readonly number[];
  /** The inode of this process's pidfd, unique for as long as the machine runs; 0 where there is no pidfs (before Linux 6.9). */
  pidfdId(): bigint;
  /**
   * _exit(2). After `launchSettle` a process cannot end as Node does: its event loop uses io_uring, and libuv aborts at EPERM.
   *
   * @param status from 0 to 255
   */
  exit(status: number): never;
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
   * @param keys `count` keys, consecutively
   * @param values `count` values, consecutively
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
