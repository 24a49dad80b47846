import { expect, it } from 'vitest';
import { parseListenSpec } from '../../src/net/index.js';
import { type IdentityStep, makePlan, type PlannedListener } from '../../src/plan/index.js';
import { type Policy, parsePolicy, resolvePolicy } from '../../src/policy/index.js';
import { describeWith } from '../support/requires.js';
import { fixture } from '../support/run.js';
import { type FaultReport, type Faults, makeFaults } from '../support/runtime-faults.js';
import { fixedPort } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';
import { makeDirectory } from '../unit/support/directory.js';
import { capabilitiesOf, configOf, filterOf } from '../unit/support/plans.js';

const EPERM = 1;
const EIO = 5;
const ENOMEM = 12;

const NOTHING_OUTSIDE = { files: new Map(), interfaces: new Map(), hosts: new Map() };

/** As the eBPF filter of launch-faults: 127.0.0.2 is denied. */
const POLICY: Policy = resolvePolicy(parsePolicy('allow from 127.0.0.1\n', 'rules'), NOTHING_OUTSIDE).policy;
const RULES = { ...filterOf(), policy: POLICY };

type Tier = 'ebpf' | 'classic' | 'steer';

function listen(spec: string, tier: Tier): PlannedListener[] {
  return [
    ...makePlan(configOf({ listeners: [parseListenSpec(spec)], tier }), RULES, capabilitiesOf()).listeners,
  ];
}

function inherit(spec: string, tier: Tier): PlannedListener[] {
  const capabilities = capabilitiesOf({ inherited: [{ name: 'web', spec: parseListenSpec(spec) }] });
  return [...makePlan(configOf({ listeners: [], tier }), RULES, capabilities).listeners];
}

const tcp = () => `tcp:127.0.0.1:${fixedPort()}`;
const udp = () => `udp:127.0.0.1:${fixedPort()}`;

/** Becomes 65534 without any capability. */
const IDENTITY: readonly IdentityStep[] = [
  { step: 'setgroups', groups: [65534] },
  { step: 'setgid', gid: 65534 },
  { step: 'dropBounding', capabilities: [0, 1] },
  { step: 'setuid', uid: 65534 },
  { step: 'dropCapabilities' },
  { step: 'umask', mask: 0o27 },
  { step: 'chdir', directory: '/' },
  { step: 'noNewPrivs' },
];

/** The program, whose filter must be in force. */
const ENFORCED = { target: [fixture('enforced')], expected: /^enforced\n$/ };

type Case = Omit<Faults, 'errno'> & { readonly expected: RegExp };

const LINE = /^alfwrapper: unable to [^\n]+\n( {2}hint: [^\n]+\n)?$/;

function check(report: FaultReport, { expected, stale, listeners = [] }: Case): void {
  const { n, status, stdout, stderr } = report;
  // In every case: no signal, and nothing is left.
  expect(report, `call ${n}`).toMatchObject({ left: 0, alone: true });
  expect(report.signal, `call ${n}`).toBeUndefined();
  if (status === 0) {
    expect({ n, stdout, stderr }).toEqual({ n, stdout: expect.stringMatching(expected), stderr: '' });
    return;
  }
  expect({ n, stdout, stderr }).toEqual({ n, stdout: '', stderr: expect.stringMatching(LINE) });
  expect(stderr).not.toContain('carry out the plan');
  expect({ n, status }).toEqual({ n, status: stderr.includes('unable to execute') ? 126 : 125 });
  // The lock of a listener that was passed in comes after all that can fail but execve, and cannot be undone.
  const isLocked = status === 126 && listeners.some(({ inherited }) => inherited === true);
  // A stale file belongs to the launch from the moment on at which it has replaced it.
  const files = stale === undefined ? 0 : expect.any(Number);
  expect(report, `call ${n}`).toMatchObject({ changed: isLocked, files });
}

/** Calls whose failure changes nothing that is promised: signatures, the connection that fills the sink, lists of connections. */
const MAX_WITHOUT_CONSEQUENCE = 16;

async function checkAll(make: () => Case, errno: number): Promise<void> {
  const launch = make();
  const reports = await makeFaults({ ...launch, errno });
  expect(reports[0]).toMatchObject({ n: 0, status: 0 });
  for (const report of reports) check(report, launch);
  // 64 signals alone are set.
  expect(reports.length).toBeGreaterThan(70);
  expect(reports.slice(1).filter(({ status }) => status === 0).length).toBeLessThanOrEqual(
    MAX_WITHOUT_CONSEQUENCE,
  );
}

const AS_ROOT: readonly (readonly [string, () => Case])[] = [
  ['tier ebpf on TCP', () => ({ ...ENFORCED, listeners: listen(tcp(), 'ebpf') })],
  ['tier ebpf on UDP', () => ({ ...ENFORCED, listeners: listen(udp(), 'ebpf') })],
  ['tier classic on TCP', () => ({ ...ENFORCED, listeners: listen(tcp(), 'classic') })],
  ['tier steer', () => ({ ...ENFORCED, listeners: listen(tcp(), 'steer') })],
  [
    'another identity, tier steer',
    () => ({ ...ENFORCED, listeners: listen(tcp(), 'steer'), identity: { steps: IDENTITY } }),
  ],
  [
    'capabilities that are dropped',
    () => ({
      ...ENFORCED,
      listeners: listen(tcp(), 'classic'),
      drop: { capabilities: ['CAP_BPF', 'CAP_NET_RAW'], bounding: true },
    }),
  ],
  [
    'a listener that was passed in, whose backlog is reset',
    () => ({ ...ENFORCED, listeners: inherit(tcp(), 'classic'), clients: ['127.0.0.1', '127.0.0.2'] }),
  ],
  [
    'a listener that was passed in, whose backlog is kept or reset as a whole',
    () => ({
      target: [fixture('queued')],
      expected: /^queued [02]\n$/,
      listeners: inherit(tcp(), 'classic'),
      clients: ['127.0.0.1', '127.0.0.1'],
    }),
  ],
  [
    'a UDP listener that was passed in, with datagrams',
    () => ({ ...ENFORCED, listeners: inherit(udp(), 'ebpf'), clients: ['127.0.0.1', '127.0.0.2'] }),
  ],
];

const newPath = () => `${makeDirectory()}/socket`;

const unix = (path: string): Case => {
  const listeners = makePlan(
    configOf({ listeners: [parseListenSpec(`unix:${path}`)] }),
    { ...filterOf(), policy: { rules: [], default: 'allow' } },
    capabilitiesOf(),
  ).listeners;
  return { target: [fixture('sockets')], expected: /^3 /, listeners };
};

const AS_ANYBODY: readonly (readonly [string, () => Case])[] = [
  ['tier steer', () => ({ ...ENFORCED, as: AS_NOBODY, listeners: listen(tcp(), 'steer') })],
  [
    'two listeners of tier steer',
    () => ({
      ...ENFORCED,
      as: AS_NOBODY,
      listeners: [tcp(), tcp()].flatMap((spec, i) =>
        listen(spec, 'steer').map((listener) => ({ ...listener, fd: 3 + i })),
      ),
    }),
  ],
  ['tier classic on UDP', () => ({ ...ENFORCED, as: AS_NOBODY, listeners: listen(udp(), 'classic') })],
  ['a UNIX socket', () => unix(newPath())],
  [
    'a UNIX socket in place of one that no process has',
    () => {
      const stale = newPath();
      return { ...unix(stale), stale };
    },
  ],
];

describeWith(['root', 'bpf'], 'every system call of a launch fails once, as root', () => {
  it.each(AS_ROOT.flatMap(([name, make]) => [EPERM, EIO].map((errno) => [name, errno, make] as const)))(
    '%s, errno %i',
    (_, errno, make) => checkAll(make, errno),
  );
});

describeWith([], 'every system call of a launch fails once, without privileges', () => {
  it.each(AS_ANYBODY.flatMap(([name, make]) => [EPERM, ENOMEM].map((errno) => [name, errno, make] as const)))(
    '%s, errno %i',
    (_, errno, make) => checkAll(make, errno),
  );
});
