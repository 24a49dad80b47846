/**
 * Numbers of the kernel's seccomp interface, and of the socket options that a guard refuses. They are the same on every
 * architecture that this program runs on; a test compares them with the system's headers.
 *
 * @see include/uapi/linux/seccomp.h, include/uapi/linux/audit.h, include/uapi/asm-generic/socket.h
 */
export const seccompUapi = {
  SECCOMP_RET_KILL_PROCESS: 0x80000000,
  SECCOMP_RET_ERRNO: 0x00050000,
  SECCOMP_RET_ALLOW: 0x7fff0000,
  AUDIT_ARCH_X86_64: 0xc000003e,
  AUDIT_ARCH_I386: 0x40000003,
  AUDIT_ARCH_AARCH64: 0xc00000b7,
  AUDIT_ARCH_ARM: 0x40000028,
  EPERM: 1,
  SOL_SOCKET: 1,
  SO_REUSEPORT: 15,
  SO_ATTACH_REUSEPORT_CBPF: 51,
  SO_ATTACH_REUSEPORT_EBPF: 52,
  SO_DETACH_REUSEPORT_BPF: 68,
  UDP_ENCAP: 100,
  __NR_io_uring_setup: 425,
  __NR_io_uring_enter: 426,
  __NR_io_uring_register: 427,
} as const;

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
