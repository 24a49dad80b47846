import { describe, expect, it } from 'vitest';
import { launch, type Resources } from '../../../src/launch/index.js';
import { makePlan } from '../../../src/plan/index.js';
import { fakeCore } from '../support/fake-core.js';
import {
  ALLOW_ALL,
  capabilitiesOf,
  configOf,
  filterOf,
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

function resourcesOf(report?: (line: string) => void): Resources {
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
    report,
  };
}

/** Launches with no libbpf to be had. */
function run(answers: Readonly<Record<string | number, number>> = {}, lock = true) {
  const fake = fakeCore(answers);
  const lines: string[] = [];
  const ops = { core: fake.core, bpf: () => expect.unreachable(), bcc: () => expect.unreachable() };
  launch(
    planned(lock),
    resourcesOf((line) => lines.push(line)),
    ops,
  );
  return { ...fake, lines };
}

describe('a launch without eBPF', () => {
  it('starts one companion for all sinks, and the guard last', () => {
    const { calls, handovers } = run();
    expect(calls.filter((call) => call.startsWith('startCompanion'))).toHaveLength(1);
    expect(calls.slice(-3)).toEqual([expect.stringMatching(/^startCompanion/), 'guard()', 'handover()']);
    expect(handovers[0]?.listeners).toHaveLength(3);
  });

  it('says which tier each listener got', () => {
    expect(run().lines).toEqual([
      'tcp [::]:80: tier steer, filter test (5 instructions), locked, fd 3',
      'udp [::]:80: tier classic, filter test (5 instructions), locked, fd 4',
      'tcp 0.0.0.0:81: tier steer, filter test (5 instructions), locked, fd 5',
      'companion is process 77',
      'the program cannot take steering off, and gains no privileges (no_new_privs)',
    ]);
  });

  it('warns where the target is the first process of its PID namespace', () => {
    const { core } = fakeCore();
    const warnings: string[] = [];
    const resources = { ...resourcesOf(), pid: 1, warn: (line: string) => warnings.push(line) };
    launch(planned(), resources, {
      core,
      bpf: () => expect.unreachable(),
      bcc: () => expect.unreachable(),
    });
    expect(warnings).toEqual([
      'process 1 goes on without a filter if both processes of the companion are killed: start alfwrapper below an init (docker run --init)',
    ]);
  });

  it('has no guard with --no-lock', () => {
    expect(run({}, false).calls).not.toContain('guard()');
  });

  it('starts the companion whether anybody listens to reports or not', () => {
    const { core, calls } = fakeCore();
    launch(planned(), resourcesOf(), {
      core,
      bpf: () => expect.unreachable(),
      bcc: () => expect.unreachable(),
    });
    expect(calls.filter((call) => call.startsWith('startCompanion'))).toHaveLength(1);
  });

  it.each([
    ['startCompanion', 'ALF_KEEPER'],
    ['guard', 'ALF_GUARD'],
    ['handover', 'ALF_HANDOVER'],
    ['attachClassic', 'ALF_SOCKET'],
  ])('hands nothing over and closes everything if %s fails', (name, code) => {
    const { core, calls, handovers } = fakeCore({ [name]: -1 });
    const failing = () =>
      launch(planned(), resourcesOf(), {
        core,
        bpf: () => expect.unreachable(),
        bcc: () => expect.unreachable(),
      });
    expect(failing).toThrow(expect.objectContaining({ code, errno: 'EPERM' }));
    expect(handovers).toHaveLength(name === 'handover' ? 1 : 0);
    const count = (call: string) => calls.filter((made) => made.startsWith(call)).length;
    expect(count('close(')).toBe(count('socket('));
  });
});
