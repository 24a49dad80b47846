import { describe, expect, it } from 'vitest';
import { checkProgram, disassemble } from '../../../../src/bpf/cbpf/index.js';
import { compileInterception, type Interception } from '../../../../src/compile/seccomp/index.js';
import { answerTo, type Call } from '../../support/seccomp.js';

const [KILL, NOTIFY, ALLOW] = [0x80000000, 0x7fc00000, 0x7fff0000];
const failsWith = (errno: number) => 0x00050000 | errno;
const [EPERM, ENOSYS, EPROTONOSUPPORT, EAFNOSUPPORT] = [1, 38, 93, 97].map(failsWith) as [
  number,
  number,
  number,
  number,
];

const MACHINES = ['x86_64', 'aarch64'] as const;
const ARCH = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };
const OTHER = { x86_64: 0x40000003, aarch64: 0x40000028 };
const NUMBERS = {
  x86_64: { socket: 41, bind: 49, listen: 50, setsockopt: 54, connect: 42 },
  aarch64: { socket: 198, bind: 200, listen: 201, setsockopt: 208, connect: 203 },
};

const [SOL_SOCKET, IPPROTO_TCP, IPPROTO_UDP] = [1, 6, 17];
const [AF_UNIX, AF_INET, AF_INET6, AF_PACKET, AF_SMC] = [1, 2, 10, 17, 43];
const [STREAM, DGRAM, RAW] = [1, 2, 3];
const [SOCK_NONBLOCK, SOCK_CLOEXEC] = [0x800, 0x80000];

/** Calls that every program answers alike. */
const CALLS = [
  ['bind', NOTIFY, 'bind', [3, 0x1000, 16]],
  ['listen', NOTIFY, 'listen', [3, 128]],
  ['connect', ALLOW, 'connect', [3, 0x1000, 16]],
  ['SO_ATTACH_REUSEPORT_CBPF', EPERM, 'setsockopt', [3, SOL_SOCKET, 51]],
  ['SO_ATTACH_REUSEPORT_EBPF', EPERM, 'setsockopt', [3, SOL_SOCKET, 52]],
  ['SO_DETACH_REUSEPORT_BPF', EPERM, 'setsockopt', [3, SOL_SOCKET, 68]],
  ['SO_DETACH_FILTER', EPERM, 'setsockopt', [3, SOL_SOCKET, 27]],
  ['SO_LOCK_FILTER', EPERM, 'setsockopt', [3, SOL_SOCKET, 44]],
  ['SO_ATTACH_BPF', EPERM, 'setsockopt', [3, SOL_SOCKET, 50]],
  ['SO_ATTACH_FILTER', ALLOW, 'setsockopt', [3, SOL_SOCKET, 26]],
  ['SO_REUSEADDR', ALLOW, 'setsockopt', [3, SOL_SOCKET, 2]],
  ['UDP_ENCAP', EPERM, 'setsockopt', [3, IPPROTO_UDP, 100]],
  ['UDP_CORK', ALLOW, 'setsockopt', [3, IPPROTO_UDP, 1]],
  ['option 50 of IPPROTO_TCP', ALLOW, 'setsockopt', [3, IPPROTO_TCP, 50]],
  ['a UNIX socket', ALLOW, 'socket', [AF_UNIX, STREAM, 0]],
  ['MPTCP', EPROTONOSUPPORT, 'socket', [AF_INET, STREAM, 262]],
  ['MPTCP on IPv6', EPROTONOSUPPORT, 'socket', [AF_INET6, STREAM | 0x80800, 262]],
  ['SCTP', EPROTONOSUPPORT, 'socket', [AF_INET, STREAM, 132]],
  ['DCCP', EPROTONOSUPPORT, 'socket', [AF_INET6, 6, 33]],
  ['UDP-Lite', EPROTONOSUPPORT, 'socket', [AF_INET, DGRAM, 136]],
  ['SMC as a protocol', EPROTONOSUPPORT, 'socket', [AF_INET, STREAM, 256]],
  ['SMC as a family', EAFNOSUPPORT, 'socket', [AF_SMC, STREAM, 0]],
  ['a packet socket whose ethertype is a number of those', ALLOW, 'socket', [AF_PACKET, DGRAM, 256]],
] as const;

/** Sockets that a filter is made for. */
const SOCKETS = [
  ['a TCP socket', [AF_INET, STREAM, 0]],
  ['a TCP socket that names its protocol', [AF_INET6, STREAM, IPPROTO_TCP]],
  ['a UDP socket', [AF_INET6, DGRAM, 0]],
  ['a UDP socket that names its protocol', [AF_INET, DGRAM, IPPROTO_UDP]],
  ['a socket with flags', [AF_INET, DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0]],
] as const;

/** Sockets of the Internet without listeners. */
const OTHER_SOCKETS = [
  ['a raw socket', [AF_INET, RAW, 255]],
  ['a raw socket of UDP', [AF_INET6, RAW, IPPROTO_UDP]],
  ['a socket of ping', [AF_INET, DGRAM, 1]],
  ['a socket of ping over IPv6', [AF_INET6, DGRAM, 58]],
] as const;

const RINGS = [
  ['io_uring_setup', 425],
  ['io_uring_enter', 426],
  ['io_uring_register', 427],
] as const;

const KINDS: readonly Interception[] = [
  { mechanism: 'fetch', steers: false },
  { mechanism: 'fetch', steers: true },
  { mechanism: 'create', steers: true },
];
const [ATTACHING, STEERING, CREATING] = KINDS as [Interception, Interception, Interception];

describe.each(MACHINES)('compileInterception for %s', (machine) => {
  const answer = (kind: Interception, ...call: Call) => answerTo(compileInterception(machine, kind), ...call);
  const own = ARCH[machine];
  const numbers = NUMBERS[machine];

  it.each(KINDS)('gives a program that the kernel takes: %j', (kind) => {
    const program = disassemble(compileInterception(machine, kind) ?? new Uint8Array());
    expect(checkProgram(program)).toBeUndefined();
  });

  it.each(CALLS)('answers %s', (_, action, call, args) => {
    for (const kind of KINDS) expect(answer(kind, own, numbers[call], ...args)).toBe(action);
  });

  it.each(SOCKETS)('leaves %s to the companion where that creates them', (_, args) => {
    expect(answer(CREATING, own, numbers.socket, ...args)).toBe(NOTIFY);
    for (const kind of [ATTACHING, STEERING]) expect(answer(kind, own, numbers.socket, ...args)).toBe(ALLOW);
  });

  it.each(OTHER_SOCKETS)('allows %s', (_, args) => {
    for (const kind of KINDS) expect(answer(kind, own, numbers.socket, ...args)).toBe(ALLOW);
  });

  it('leaves SO_REUSEPORT to the companion where TCP is steered', () => {
    expect(answer(STEERING, own, numbers.setsockopt, 3, SOL_SOCKET, 15)).toBe(NOTIFY);
    expect(answer(ATTACHING, own, numbers.setsockopt, 3, SOL_SOCKET, 15)).toBe(ALLOW);
    expect(answer(STEERING, own, numbers.setsockopt, 3, IPPROTO_TCP, 15)).toBe(ALLOW);
  });

  it.each(RINGS)('answers %s as a kernel without it', (_, number) => {
    expect(answer(ATTACHING, own, number)).toBe(ENOSYS);
  });

  it('allows the calls around io_uring', () => {
    for (const number of [0, 424, 428]) expect(answer(STEERING, own, number)).toBe(ALLOW);
  });

  it('answers a number of the x32 ABI as a kernel without it', () => {
    for (const number of [0, numbers.bind, numbers.listen, 541])
      expect(answer(ATTACHING, own, 0x40000000 + number)).toBe(ENOSYS);
  });

  it('decides by the lower half of an argument, as the kernel reads it', () => {
    const program = disassemble(compileInterception(machine, CREATING) ?? new Uint8Array());
    const loads = program.flatMap((insn) => (insn.op === 'ldAbs' ? [insn.k] : []));
    expect(new Set(loads)).toEqual(new Set([0, 4, 16, 24, 32]));
  });

  it.each([
    ['the 32-bit interface of the machine', OTHER[machine]],
    ['the interface of another machine', ARCH[machine === 'x86_64' ? 'aarch64' : 'x86_64']],
    ['no interface', 0],
  ])('kills the process at a call by %s', (_, arch) => {
    for (const number of [0, 102, numbers.bind, 361]) expect(answer(ATTACHING, arch, number)).toBe(KILL);
  });
});

it.each(['', 'X86_64', 'i686', 'riscv64', 'toString'])('gives no program for machine %j', (machine) => {
  expect(compileInterception(machine, ATTACHING)).toBeUndefined();
});
