import { describe, expect, it } from 'vitest';
import { disassemble, interpret } from '../../../src/bpf/cbpf/index.js';
import { toHex } from '../../../src/bpf/values/index.js';
import { compileInterception } from '../../../src/compile/seccomp/index.js';
import { parseListenSpec } from '../../../src/net/index.js';
import {
  type Capabilities,
  type Config,
  type InterceptionRequest,
  interfaceQuestions,
  makePlan,
} from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import {
  ALLOW_ALL,
  capabilitiesOf,
  configOf,
  filterOf,
  interceptionOf,
  NO,
  NOBODY,
  YES,
} from '../support/plans.js';

const RULES = { ...filterOf(), policy: ALLOW_ALL };
const OWN = filterOf();

const EVERYTHING = { ebpf: YES, classic: { tcp: YES, udp: YES }, steer: YES };
const NO_EBPF = { ...EVERYTHING, ebpf: NO };
const NOTHING_BUT_STEER = { ebpf: NO, classic: { tcp: NO, udp: YES }, steer: YES };
const SYS_ADMIN = 1n << 21n;
const SYS_PTRACE = 1n << 19n;
const NET_ADMIN = 1n << 12n;

interface Changes {
  readonly request?: Partial<InterceptionRequest>;
  readonly config?: Partial<Config>;
  readonly capabilities?: Partial<Capabilities>;
  readonly filter?: typeof RULES | typeof OWN;
}

function plan({ request, config, capabilities, filter = RULES }: Changes = {}) {
  const interception = interceptionOf(request);
  return makePlan(configOf({ listeners: [], interception, ...config }), filter, capabilitiesOf(capabilities));
}

const answers = (changes: Partial<NonNullable<Capabilities['interception']>>) => ({
  interception: {
    fetch: YES,
    notify: YES,
    create: undefined,
    ptraceScope: undefined,
    localPorts: undefined,
    ...changes,
  },
});

describe('the tiers of sockets that the program opens', () => {
  it.each([
    ['auto', EVERYTHING, 'ebpf', 'ebpf'],
    ['auto', NO_EBPF, 'classic', 'classic'],
    ['auto', NOTHING_BUT_STEER, 'steer', 'classic'],
    ['ebpf', EVERYTHING, 'ebpf', 'ebpf'],
    ['classic', EVERYTHING, 'classic', 'classic'],
    ['steer', EVERYTHING, 'steer', 'classic'],
  ] as const)('--tier %s', (tier, tiers, tcp, udp) => {
    const { interception } = plan({ config: { tier }, capabilities: { tiers } });
    expect([interception?.tcp.tier, interception?.udp.tier]).toEqual([tcp, udp]);
    expect(interception?.tcp.program !== undefined).toBe(tcp !== 'ebpf');
    expect(interception?.udp.program !== undefined).toBe(udp !== 'ebpf');
    expect(interception?.tcp.spread !== undefined).toBe(tcp === 'steer');
  });

  it('has the place of the number of listeners on tier steer', () => {
    const tcp = plan({ config: { tier: 'steer' } }).interception?.tcp;
    const program = disassemble(Buffer.from(tcp?.program ?? '', 'hex'));
    expect(program[tcp?.spread ?? 0]).toEqual({ op: 'aluK', alu: 'mod', k: 1 });
  });

  it('has only eBPF for a filter that keeps state', () => {
    expect(plan({ filter: OWN }).interception).toMatchObject({
      tcp: { tier: 'ebpf' },
      udp: { tier: 'ebpf' },
    });
    expect(failureOf(() => plan({ filter: OWN, capabilities: { tiers: NO_EBPF } }))).toMatchObject({
      code: 'ALF_TIER',
      errno: 'EPERM',
      message:
        'unable to enforce a filter on UDP sockets of the program: loading eBPF is refused: operation not permitted',
    });
    expect(failureOf(() => plan({ filter: OWN, config: { tier: 'steer' } }))).toMatchObject({
      code: 'ALF_TIER',
      message: 'unable to enforce filter test on UDP sockets of the program: only tier ebpf can carry it',
    });
  });

  it('refuses where one of both protocols has no tier', () => {
    const tiers = { ...EVERYTHING, ebpf: NO, classic: { tcp: YES, udp: NO } };
    expect(failureOf(() => plan({ capabilities: { tiers } }))).toMatchObject({
      code: 'ALF_TIER',
      message: expect.stringContaining('a filter on UDP sockets of the program: loading eBPF is refused'),
    });
  });

  it('refuses a steering program that leaves no room for the spread', () => {
    // One instruction of 8 bytes; the appended ones have 8.
    const capabilities = { tiers: NOTHING_BUT_STEER, optmemMax: 200 };
    expect(failureOf(() => plan({ capabilities }))).toMatchObject({ code: 'ALF_CAPACITY' });
  });
});

describe('ports of clients', () => {
  it.each([
    ['rules on tier ebpf: the program exempts clients itself', RULES, EVERYTHING, undefined],
    ['rules on tier classic', RULES, NO_EBPF, [32768, 60999]],
    ['a filter of one’s own', OWN, EVERYTHING, [32768, 60999]],
  ] as const)('%s', (_, filter, tiers, ports) => {
    const { interception, warnings } = plan({ filter, capabilities: { tiers } });
    expect(interception?.clientPorts).toEqual(ports);
    expect(warnings).toEqual([]);
  });

  it('are none if the kernel does not tell, with a warning where that matters', () => {
    const warning =
      'UDP sockets of clients are filtered too: net.ipv4.ip_local_port_range, which tells their ports, cannot be read';
    const unknown = plan({ capabilities: { tiers: NO_EBPF, ...answers({}) } });
    expect(unknown.interception).not.toHaveProperty('clientPorts');
    expect(unknown.warnings).toEqual([warning]);
    expect(plan({ capabilities: answers({}) }).warnings).toEqual([]);
  });
});

it('reads by the program that exempts clients', () => {
  const privileged = { credentials: { ...NOBODY, effective: SYS_ADMIN } };
  expect(plan().filter.entry).toBe('filter_intercepted');
  expect(plan({ capabilities: privileged }).filter.entry).toBe('filter_intercepted_in_place');
  expect(plan({ filter: OWN }).filter.entry).toBe('filter');
});

it('has the seccomp program of the machine and of the tier', () => {
  const guardOf = (machine: string, steers: boolean) =>
    toHex(compileInterception(machine, { mechanism: 'fetch', steers }) ?? new Uint8Array());
  expect(plan().guard).toBe(guardOf('x86_64', false));
  expect(plan({ config: { tier: 'steer' } }).guard).toBe(guardOf('x86_64', true));
  expect(plan({ capabilities: { machine: 'aarch64' } }).guard).toBe(guardOf('aarch64', false));
  expect(failureOf(() => plan({ capabilities: { machine: 'riscv64' } }))).toEqual({
    code: 'ALF_INTERCEPT',
    message: 'unable to intercept the sockets of the program: it is not written for riscv64',
    errno: 'ENOSYS',
    hint: 'let alfwrapper listen (--listen)',
  });
});

describe('sockets that were passed in', () => {
  const inherited = [{ name: 'web', spec: parseListenSpec('80') }];

  it('replace interception that was not asked for', () => {
    const planned = plan({
      request: { implied: true },
      capabilities: { inherited, interception: undefined },
    });
    expect(planned).not.toHaveProperty('interception');
    expect(planned.filter.entry).toBe('filter');
    expect(planned.listeners).toHaveLength(1);
  });

  it('are filtered beside those that are intercepted', () => {
    const planned = plan({ capabilities: { inherited } });
    expect(planned.interception).toBeDefined();
    expect(planned.listeners).toHaveLength(1);
  });
});

describe('declarations', () => {
  const declared = ['80', 'udp:[fe80::1%eth0]:53', 'tcp:127.0.0.1:0'].map(parseListenSpec);

  it('have label, address and interface', () => {
    expect(plan({ request: { declared, undeclared: 'refuse' } }).interception).toMatchObject({
      undeclared: 'refuse',
      declared: [
        { label: 'tcp [::]:80', socket: { type: 'stream', port: 80 }, scopeId: 0 },
        { label: 'udp [fe80::1%eth0]:53', socket: { type: 'datagram', port: 53 }, scopeId: 2 },
        { label: 'tcp 127.0.0.1:0', socket: { type: 'stream', port: 0 }, scopeId: 0 },
      ],
    });
  });

  it('ask for their interfaces', () => {
    const config = configOf({ listeners: [], interception: interceptionOf({ declared }) });
    expect([...interfaceQuestions(config, RULES)]).toEqual(['eth0']);
  });

  it('are for TCP and UDP', () => {
    const unix = [parseListenSpec('unix:/run/x')];
    expect(failureOf(() => plan({ request: { declared: unix } }))).toEqual({
      code: 'ALF_USAGE',
      message: "unix /run/x cannot be declared: the program's UNIX sockets are not filtered",
      hint: 'there is nothing to declare; the permissions of its file say who may connect',
    });
  });
});

describe('requests that exclude each other', () => {
  it('refuses filters that are not locked', () => {
    expect(failureOf(() => plan({ config: { lock: false } }))).toEqual({
      code: 'ALF_USAGE',
      message: 'filters of sockets that the program opens are always locked',
      hint: 'leave --no-lock out',
    });
  });

  it('refuses to pass on connections without a listener', () => {
    for (const pass of ['listener', 'connection'] as const) {
      const passing = { pass, maxConnections: 1, maxPerSource: 0, quiet: false };
      expect(failureOf(() => plan({ config: { passing } }))).toEqual({
        code: 'ALF_USAGE',
        message: 'there is no listener whose connections the program could get',
        hint: 'let alfwrapper listen: --listen, without --intercept',
      });
    }
  });
});

describe('new privileges', () => {
  const request = { newPrivileges: true };
  const admin = { credentials: { ...NOBODY, uid: 0, effective: SYS_ADMIN } };

  it('are left to a program that keeps CAP_SYS_ADMIN', () => {
    expect(plan({ request, capabilities: admin }).interception?.newPrivileges).toBe(true);
  });

  it.each([
    ['we have no CAP_SYS_ADMIN', {}, {}, ''],
    [
      'the program has no capabilities',
      { identity: { dropCapabilities: true } },
      admin,
      ', and the program is to run without capabilities',
    ],
  ] as const)('are refused where %s', (_, config, capabilities, more) => {
    expect(failureOf(() => plan({ request, config, capabilities }))).toEqual({
      code: 'ALF_INTERCEPT',
      message: `unable to let the program gain privileges: a seccomp filter without no_new_privs needs CAP_SYS_ADMIN${more}`,
      errno: 'EACCES',
      hint: 'leave --allow-new-privs out',
    });
  });
});

describe('where sockets cannot be intercepted', () => {
  const listen = 'let alfwrapper listen (--listen)';
  const ENOSYS = { works: false, errno: 'ENOSYS', reason: 'function not implemented' } as const;
  const lend = 'AmbientCapabilities=CAP_SYS_PTRACE in the unit, --cap-add SYS_PTRACE for a container';

  it.each([
    [
      NO,
      1,
      0n,
      `kernel.yama.ptrace_scope is 1: it needs CAP_SYS_PTRACE (${lend}), or sysctl -w kernel.yama.ptrace_scope=0`,
    ],
    [
      NO,
      3,
      SYS_PTRACE,
      'kernel.yama.ptrace_scope is 3, which forbids it to all processes until the machine is booted again',
    ],
    [NO, 0, 0n, `a container's seccomp profile allows it with CAP_SYS_PTRACE only: ${lend}`],
    [NO, undefined, 0n, `a container's seccomp profile allows it with CAP_SYS_PTRACE only: ${lend}`],
    [NO, 1, SYS_PTRACE, 'CAP_SYS_PTRACE is in effect: a seccomp profile or a security module refuses'],
    [
      ENOSYS,
      0,
      0n,
      'it needs Linux 5.6; on a later one, a seccomp profile hides it: allow pidfd_open, pidfd_getfd and process_vm_readv',
    ],
  ] as const)('refuses: fetching fails with %j, ptrace_scope %s', (fetch, ptraceScope, effective, hint) => {
    const capabilities = { ...answers({ fetch, ptraceScope }), credentials: { ...NOBODY, effective } };
    expect(failureOf(() => plan({ capabilities }))).toEqual({
      code: 'ALF_INTERCEPT',
      message: `unable to intercept the sockets of the program: looking into it (pidfd_getfd, process_vm_readv) is refused: ${fetch.reason}`,
      errno: fetch.errno,
      hint: `${hint}; ${listen}`,
    });
  });

  it.each([
    ['EBUSY', /^another process supervises this one already: .*; let alfwrapper listen/],
    ['EINVAL', /^it needs seccomp user notification, Linux 5.0 or later$/],
    ['ENOSYS', /^this kernel is built without seccomp filters$/],
    ['EPERM', /^no seccomp filter is allowed by this container or unit/],
  ])('refuses: the notification fails with %s', (errno, hint) => {
    const capabilities = answers({ notify: { works: false, errno, reason: 'no' }, fetch: NO });
    expect(failureOf(() => plan({ capabilities }))).toEqual({
      code: 'ALF_INTERCEPT',
      message: 'unable to intercept the sockets of the program: seccomp user notification is refused: no',
      errno,
      hint: expect.stringMatching(hint),
    });
  });
});

describe('where sockets may not be fetched but created', () => {
  const creating = {
    ...answers({ fetch: NO, create: YES, ptraceScope: 1, localPorts: [1000, 1999] }),
  };

  it.each(['auto', 'steer'] as const)('TCP is steered and UDP has a classic filter: --tier %s', (tier) => {
    const { interception, guard } = plan({ config: { tier }, capabilities: creating });
    expect(interception).toMatchObject({
      mechanism: 'create',
      tcp: { tier: 'steer' },
      udp: { tier: 'classic' },
      clientPorts: [1000, 1999],
    });
    const program = compileInterception('x86_64', { mechanism: 'create', steers: true });
    expect(guard).toBe(toHex(program ?? new Uint8Array()));
  });

  it('does not drop what the companion has no use for', () => {
    const credentials = { ...NOBODY, effective: SYS_PTRACE, ambient: SYS_PTRACE };
    expect(plan({ capabilities: { ...creating, credentials } }).drop.capabilities).toEqual([]);
  });

  /** What the UDP program answers to a packet of this destination port, with rules that deny all. */
  const answerTo = (port: number, declared: readonly string[], localPorts?: readonly [number, number]) => {
    const request = { declared: declared.map(parseListenSpec) };
    const capabilities = answers({ fetch: NO, create: YES, localPorts: localPorts ?? [1000, 1999] });
    const filter = { ...RULES, policy: { rules: [], default: 'deny' } as const };
    const { interception } = plan({ request, capabilities, filter });
    const program = disassemble(Buffer.from(interception?.udp.program ?? '', 'hex'));
    const bytes = Uint8Array.of(0, 53, port >> 8, port & 255, 0, 8, 0, 0);
    return interpret(program, { bytes, dataOffset: 0, protocol: 0x0800, ifindex: 1 }).verdict;
  };

  it.each([
    [999, 0],
    [1000, 0xffffffff],
    [1999, 0xffffffff],
    [2000, 0],
  ])('the UDP program passes ports of clients: %i', (port, verdict) => {
    expect(answerTo(port, [])).toBe(verdict);
  });

  it('the UDP program judges ports that are declared', () => {
    const many = Array.from({ length: 400 }, (_, i) => `udp:${1100 + i}`);
    expect(answerTo(1050, ['udp:1050'])).toBe(0);
    expect(answerTo(1050, ['tcp:1050', 'udp:1051', 'udp:53'])).toBe(0xffffffff);
    expect(answerTo(1050, ['udp:0'])).toBe(0);
    for (const [port, verdict] of [
      [1099, 0xffffffff],
      [1100, 0],
      [1499, 0],
      [1500, 0xffffffff],
      [999, 0],
    ] as const)
      expect(answerTo(port, many)).toBe(verdict);
  });

  it('refuses what only fetched sockets can have', () => {
    const looking =
      'unable to intercept the sockets of the program: looking into it (pidfd_getfd, process_vm_readv) is refused: operation not permitted';
    for (const tier of ['ebpf', 'classic'] as const) {
      expect(failureOf(() => plan({ config: { tier }, capabilities: creating }))).toMatchObject({
        code: 'ALF_INTERCEPT',
        message: `${looking}, and only tier steer does without`,
        hint: expect.stringMatching(/ptrace_scope is 1: .*; try --tier steer$/),
      });
    }
    expect(failureOf(() => plan({ filter: OWN, capabilities: creating }))).toMatchObject({
      code: 'ALF_INTERCEPT',
      message: `${looking}, and only rules do without`,
      hint: expect.stringMatching(/ptrace_scope is 1: .*; let alfwrapper listen/),
    });
    const create = { works: false, errno: 'ENOENT', reason: 'not listed' } as const;
    expect(failureOf(() => plan({ capabilities: answers({ fetch: NO, create }) }))).toMatchObject({
      message: `${looking}; creating them is refused: not listed (ENOENT)`,
      errno: 'EPERM',
    });
  });
});

describe('lent capabilities', () => {
  const dropped = (capabilities: Partial<Capabilities>, lent: bigint) =>
    plan({
      capabilities: {
        ...capabilities,
        credentials: { ...NOBODY, effective: lent, permitted: lent, inheritable: lent, ambient: lent },
      },
    }).drop.capabilities;

  it('drops what the companion has used', () => {
    expect(dropped({}, SYS_PTRACE)).toEqual(['CAP_SYS_PTRACE']);
    expect(dropped({ tiers: NO_EBPF }, NET_ADMIN | SYS_PTRACE)).toEqual(['CAP_NET_ADMIN', 'CAP_SYS_PTRACE']);
  });

  it('leaves what the program opens its sockets with', () => {
    expect(dropped({}, NET_ADMIN | (1n << 10n))).toEqual([]);
  });
});
