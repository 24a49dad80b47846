import { describe, expect, it } from 'vitest';
import type { Examination } from '../../../../src/app/index.js';
import { diagnoseInterception } from '../../../../src/cli/doctor/interception.js';
import { NO, YES } from '../../support/plans.js';
import { CAP_BPF, machineOf } from './machines.js';

const ANSWERS = {
  fetch: YES,
  notify: YES,
  create: undefined,
  ptraceScope: undefined,
  localPorts: undefined,
} as const;
const CAP_SYS_PTRACE = 1n << 19n;

const machine = (changes: Partial<Examination['interception']>, more: Partial<Examination> = {}) =>
  machineOf({ interception: { ...ANSWERS, ...changes }, ...more });

const withPtrace = (): Partial<Examination> => {
  const { credentials } = machineOf();
  return { credentials: { ...credentials, effective: CAP_BPF | CAP_SYS_PTRACE } };
};

function linesOf(examination: Examination) {
  const { unlock, ...rest } = diagnoseInterception(examination);
  return { ...rest, unlock: unlock.map(({ where, line }) => `${where}: ${line}`) };
}

const CALLS =
  'in a system unit: SystemCallFilter=@system-service bpf seccomp @pkey pidfd_getfd process_vm_readv';
const PROFILE = 'for a container: --security-opt seccomp=FILE, a profile that allows bpf and seccomp';
const LENT = [
  'in a system unit: AmbientCapabilities=CAP_SYS_PTRACE',
  'for a container: --cap-add SYS_PTRACE',
];
const YAMA = 'on this machine: sudo sysctl -w kernel.yama.ptrace_scope=0';
const FETCH =
  'looking into the program is refused (pidfd_getfd, process_vm_readv): operation not permitted (EPERM)';
const NO_PTRACE = 'CAP_SYS_PTRACE is not in effect (CapEff)';

describe('interception works', () => {
  it.each([
    [
      [1024, 4999] as const,
      'on tier classic, UDP sockets with ports 1024 to 4999 (net.ipv4.ip_local_port_range) are clients',
    ],
    [
      undefined,
      'net.ipv4.ip_local_port_range cannot be read: on tier classic, UDP sockets of clients are filtered too',
    ],
  ])('with the ports of clients: %j', (localPorts, note) => {
    expect(linesOf(machine({ localPorts }))).toEqual({
      works: true,
      why: [],
      unlock: [],
      notes: ['mechanism: the companion fetches each socket at bind(2) and listen(2) (pidfd_getfd)', note],
    });
  });
});

it('works by creating sockets where they may not be fetched, and says what unlocks fetching', () => {
  expect(linesOf(machine({ fetch: NO, create: YES, ptraceScope: 1 }))).toEqual({
    works: true,
    why: [],
    unlock: [...LENT, YAMA],
    notes: [
      'mechanism: the companion creates each socket at socket(2) (SECCOMP_IOCTL_NOTIF_ADDFD), on tiers steer and classic only',
      FETCH,
      'kernel.yama.ptrace_scope is 1: it needs CAP_SYS_PTRACE',
      NO_PTRACE,
      'net.ipv4.ip_local_port_range cannot be read: on tier classic, UDP sockets of clients are filtered too',
    ],
  });
});

describe('interception does not work', () => {
  const refused = (errno: string) => ({ works: false, errno, reason: 'no' }) as const;

  it.each([
    [
      'Yama',
      machine({ fetch: NO, ptraceScope: 1 }),
      [FETCH, 'kernel.yama.ptrace_scope is 1: it needs CAP_SYS_PTRACE', NO_PTRACE],
      [...LENT, YAMA],
    ],
    [
      'a container',
      machine({ fetch: NO, ptraceScope: 0 }, { seccomp: true }),
      [FETCH, NO_PTRACE],
      [...LENT, CALLS],
    ],
    [
      'Yama at its strictest',
      machine({ fetch: NO, ptraceScope: 3 }, withPtrace()),
      [FETCH, 'kernel.yama.ptrace_scope is 3: no process may, until the machine is booted again'],
      [],
    ],
    [
      'a security module',
      machine({ fetch: NO, ptraceScope: 1 }, withPtrace()),
      [FETCH, 'CAP_SYS_PTRACE is in effect: seccomp or a security module refuses'],
      [],
    ],
    [
      'a kernel that lets sockets neither be fetched nor be created',
      machine({ fetch: NO, create: refused('ENOENT') }),
      [FETCH, NO_PTRACE, 'creating its sockets is refused: no (ENOENT)'],
      LENT,
    ],
    [
      'an old kernel',
      machine({ fetch: refused('ENOSYS') }),
      [
        'looking into the program is refused (pidfd_getfd, process_vm_readv): no (ENOSYS)',
        'this kernel does not know it; Linux 5.6 does',
      ],
      [],
    ],
    [
      'a process that is supervised already',
      machine({ notify: refused('EBUSY') }, { seccomp: true }),
      [
        'seccomp user notification is refused: no (EBUSY)',
        'another process supervises this one already: a launch that intercepts, or a container runtime',
      ],
      [CALLS, PROFILE],
    ],
    [
      'a kernel without notifications',
      machine({ notify: refused('EINVAL') }),
      ['seccomp user notification is refused: no (EINVAL)', 'this kernel does not know it; Linux 5.0 does'],
      [],
    ],
    [
      'a seccomp filter',
      machine({ notify: NO, fetch: NO }, { seccomp: true }),
      ['seccomp user notification is refused: operation not permitted (EPERM)'],
      [CALLS, PROFILE],
    ],
    [
      'no companion',
      machine({}, { companion: { file: '/x', state: 'missing' } }),
      ['the companion is missing: /x'],
      ['in the package: scripts/setup.sh'],
    ],
  ])('because of %s', (_, examination, why, unlock) => {
    expect(linesOf(examination)).toEqual({ works: false, why, unlock, notes: [] });
  });
});
