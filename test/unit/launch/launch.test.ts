import { describe, expect, it } from 'vitest';
import { launch, type Resources } from '../../../src/launch/index.js';
import { encodeSockaddr, parseAddress } from '../../../src/net/index.js';
import { makePlan, type Plan } from '../../../src/plan/index.js';
import { CONSTANTS, type FakeRuntime, failureAt, fakeCore } from '../support/fake-core.js';
import {
  ALLOW_ALL,
  capabilitiesOf,
  configOf,
  filterOf,
  interceptionOf,
  listenerOf,
  NO,
  NOBODY,
  YES,
} from '../support/plans.js';

const CAPABILITIES = capabilitiesOf({ tiers: { ebpf: NO, classic: { tcp: NO, udp: YES }, steer: YES } });

function planned(lock = true) {
  const listeners = [listenerOf('::', 80), listenerOf('::', 80, 'datagram'), listenerOf('0.0.0.0', 81)];
  const filter = { ...filterOf(), policy: ALLOW_ALL };
  return makePlan(configOf({ listeners, lock }), filter, CAPABILITIES);
}

function resourcesOf(changes: Partial<Resources> = {}): Resources {
  const record = {
    blockedSignals: 0n,
    ignoredSignals: 0n,
    nofileSoft: 1024n,
    nofileHard: 1024n,
    descriptors: [0, 1, 2],
  };
  const path = Buffer.from('/bin/true');
  const target = { argv: [], environment: [], record };
  return {
    loaded: undefined,
    target,
    findProgram: () => path,
    credentials: NOBODY,
    pid: 2,
    companion: '/companion',
    acceptor: '/acceptor',
    isAllowed: undefined,
    warn: () => expect.unreachable(),
    report: undefined,
    ...changes,
  };
}

/** Launches without libbpf. */
function run(runtime: FakeRuntime = {}, changes: Partial<Resources> = {}, plan = planned()) {
  const fake = fakeCore({}, runtime);
  const lines: string[] = [];
  const warnings: string[] = [];
  const ops = { core: fake.core, bpf: () => expect.unreachable(), bcc: () => expect.unreachable() };
  const resources = resourcesOf({
    report: (line) => lines.push(line),
    warn: (line) => warnings.push(line),
    ...changes,
  });
  let error: unknown;
  try {
    launch(plan, resources, ops);
  } catch (thrown) {
    error = thrown;
  }
  return { ...fake, lines, warnings, error };
}

const ANY = encodeSockaddr({ address: parseAddress('::'), port: 80 }, 0, CONSTANTS);
const OPENED = { bound: [ANY, ANY, ANY], companion: 77 };
const REPORTED = [
  'tcp [::]:80: tier steer, filter test (5 instructions), locked, fd 3',
  'udp [::]:80: tier classic, filter test (5 instructions), locked, fd 4',
  'tcp 0.0.0.0:81: tier steer, filter test (5 instructions), locked, fd 5',
  'companion is process 77',
  'the program cannot take steering off, and gains no privileges (no_new_privs)',
  'sockets that the program opens itself are not filtered',
];

describe('a launch without eBPF', () => {
  it('opens, settles, hands over, in this order', () => {
    const { calls, error } = run(OPENED);
    expect(error).toBeUndefined();
    expect(calls.map((call) => call.replace(/\d+ bytes/, 'bytes'))).toEqual([
      'launchOpen(bytes, -1)',
      'launchSettle(undefined)',
      'launchHandover(bytes)',
      'launchClose()',
    ]);
  });

  it('says which tier each listener got', () => {
    expect(run(OPENED).lines).toEqual(REPORTED);
  });

  it('says at which port a listener is, where the kernel has picked it', () => {
    const filter = { ...filterOf(), policy: ALLOW_ALL };
    const plan = makePlan(configOf({ listeners: [listenerOf('::', 0)] }), filter, CAPABILITIES);
    expect(run({ bound: [ANY] }, {}, plan).lines[0]).toMatch(/^tcp \[::\]:0 \(\[::\]:80\): tier steer/);
    expect(run({ bound: [new Uint8Array(128)] }, {}, plan).lines[0]).toMatch(/^tcp \[::\]:0: tier steer/);
  });

  it('warns where the target is the first process of its PID namespace', () => {
    expect(run(OPENED, { pid: 1 }).warnings).toEqual([
      'process 1 continues without a filter if both processes of the companion are killed: start alfwrapper below an init (docker run --init)',
    ]);
    expect(run({}, { pid: 1 }).warnings).toEqual([]);
  });

  it('installs the guard of the plan, and says so', () => {
    const { guard = '', ...unguarded } = planned();
    const encoded = (plan: Plan) => run({}, {}, plan).plans[0]?.length ?? 0;
    expect(encoded(planned()) - encoded(unguarded)).toBe(guard.length / 2);
    expect(run(OPENED, {}, unguarded).lines).toEqual(REPORTED.toSpliced(4, 1));
  });

  it('says which tiers sockets have that the program opens', () => {
    const intercepting = (undeclared: 'filter' | 'refuse', newPrivileges: boolean) => {
      const config = configOf({ listeners: [], interception: interceptionOf({ undeclared }) });
      const plan = makePlan(config, { ...filterOf(), policy: ALLOW_ALL }, CAPABILITIES);
      return { ...plan, ...(plan.interception && { interception: { ...plan.interception, newPrivileges } }) };
    };
    const filtered = 'sockets that the program opens are filtered: TCP by tier steer, UDP by tier classic';
    const opened = { companion: 77 };
    expect(run(opened, {}, intercepting('filter', false)).lines).toEqual([
      'companion is process 77',
      filtered,
      'sockets that are not declared are filtered too',
      'the program cannot take filters off, and gains no privileges (no_new_privs)',
    ]);
    expect(run(opened, {}, intercepting('refuse', true)).lines.slice(1)).toEqual([
      filtered,
      'sockets that are not declared are refused',
      'the program cannot take filters off',
    ]);
    for (const step of ['intercept', 'supervise']) {
      const failed = run({ ...opened, settle: failureAt(step) }, {}, intercepting('filter', false));
      expect(failed.lines).toEqual(['companion is process 77']);
      expect(failed.error).toMatchObject({ code: 'ALF_INTERCEPT' });
    }
  });

  it('warns of what it has removed from a queue', () => {
    const removed = [
      { listener: 0, count: 1, reason: 5, errno: 13 },
      { listener: 1, count: 2, reason: 1, errno: 0 },
    ];
    expect(run({ ...OPENED, removed }).warnings).toEqual([
      'tcp [::]:80: reset 1 connection that arrived before the filter: the kernel does not list them (EACCES)',
      'udp [::]:80: discarded 2 datagrams that arrived before the filter: their senders are unknown',
    ]);
  });

  it('lets the rules judge connections by both ends', () => {
    const asked: unknown[] = [];
    const answers: unknown[] = [];
    const { core } = fakeCore();
    const launchSettle: typeof core.launchSettle = (isAllowed) => {
      answers.push(isAllowed?.(ANY, ANY), isAllowed?.(new Uint8Array(2), ANY));
      return { removed: [] };
    };
    const ops = {
      core: { ...core, launchSettle },
      bpf: () => expect.unreachable(),
      bcc: () => expect.unreachable(),
    };
    launch(planned(), resourcesOf({ isAllowed: (connection) => asked.push(connection) > 0 }), ops);
    expect(answers).toEqual([true, false]);
    const end = { address: parseAddress('::'), port: 80 };
    expect(asked).toEqual([{ from: end, to: end }]);
  });

  it.each([
    ['open', failureAt('bind'), 'ALF_SOCKET', REPORTED.slice(0, 4)],
    ['open', failureAt('companion'), 'ALF_KEEPER', REPORTED.slice(0, 4)],
    ['settle', failureAt('guard'), 'ALF_GUARD', REPORTED.slice(0, 4)],
    ['settle', failureAt('grace'), 'ALF_SOCKET', REPORTED],
    ['handover', failureAt('handover'), 'ALF_HANDOVER', REPORTED],
  ] as const)('is closed and ends with an error where it fails to %s', (phase, failure, code, lines) => {
    const result = run({ ...OPENED, [phase]: failure });
    expect(result.error).toMatchObject({ code, errno: 'EPERM' });
    expect(result.calls.at(-1)).toBe('launchClose()');
    expect(result.targets).toHaveLength(phase === 'handover' ? 1 : 0);
    expect(result.lines).toEqual(lines);
  });

  it('is closed if the program is not found', () => {
    const findProgram = () => {
      throw new Error('gone');
    };
    const { calls, error } = run(OPENED, { findProgram });
    expect(error).toEqual(new Error('gone'));
    expect(calls.at(-1)).toBe('launchClose()');
  });
});
