/**
 * Numbers of the kernel's seccomp interface, and of the sockets and socket options that a program refuses. They are the same on every
 * architecture that this program runs on; a test compares them with the system's headers.
 *
 * @see include/uapi/linux/seccomp.h, include/uapi/linux/audit.h, include/uapi/asm-generic/socket.h
 */
export const seccompUapi = {
  SECCOMP_RET_KILL_PROCESS: 0x80000000,
  SECCOMP_RET_ERRNO: 0x00050000,
  SECCOMP_RET_USER_NOTIF: 0x7fc00000,
  SECCOMP_RET_ALLOW: 0x7fff0000,
  AUDIT_ARCH_X86_64: 0xc000003e,
  AUDIT_ARCH_I386: 0x40000003,
  AUDIT_ARCH_AARCH64: 0xc00000b7,
  AUDIT_ARCH_ARM: 0x40000028,
  EPERM: 1,
  ENOSYS: 38,
  EPROTONOSUPPORT: 93,
  EAFNOSUPPORT: 97,
  AF_INET: 2,
  AF_INET6: 10,
  AF_SMC: 43,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOL_SOCKET: 1,
  SO_REUSEPORT: 15,
  SO_DETACH_FILTER: 27,
  SO_LOCK_FILTER: 44,
  SO_ATTACH_BPF: 50,
  SO_ATTACH_REUSEPORT_CBPF: 51,
  SO_ATTACH_REUSEPORT_EBPF: 52,
  SO_DETACH_REUSEPORT_BPF: 68,
  UDP_ENCAP: 100,
  IPPROTO_ICMP: 1,
  IPPROTO_DCCP: 33,
  IPPROTO_ICMPV6: 58,
  IPPROTO_SCTP: 132,
  IPPROTO_UDPLITE: 136,
  IPPROTO_MPTCP: 262,
  __NR_io_uring_setup: 425,
  __NR_io_uring_enter: 426,
  __NR_io_uring_register: 427,
} as const;

/** The call is made. */
export const ALLOW = seccompUapi.SECCOMP_RET_ALLOW;

/** The call is not made and fails with EPERM. */
export const REFUSE = seccompUapi.SECCOMP_RET_ERRNO | seccompUapi.EPERM;

/** The bits of a socket's type that are not flags. @see SOCK_TYPE_MASK, include/linux/net.h */
export const SOCK_TYPE_MASK = 0xf;

/** IPPROTO_SMC, for which headers before Linux 6.11 have no name. */
export const IPPROTO_SMC = 256;

/** Offsets in `struct seccomp_data`, in bytes. */
export const dataOffset = {
  number: 0,
  arch: 4,
  /**
   * The low half of an argument: options are ints, and the kernel reads no more of the register. It comes first in
   * memory on little-endian machines.
   */
  argument: (n: number): number => 16 + 8 * n,
} as const;
