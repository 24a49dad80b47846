import { expect, it } from 'vitest';
import type { CoreOps } from '../../../src/kernel/index.js';
import { launch, type Resources } from '../../../src/launch/index.js';
import { encodeSockaddr, parseAddress } from '../../../src/net/index.js';
import { makePlan } from '../../../src/plan/index.js';
import { CONSTANTS } from '../support/fake-kernel.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, listenerOf, NOBODY } from '../support/plans.js';

const AF_NETLINK = 16;

/** The first line that a launch of one listener reports, if the kernel says that it is bound to this. */
function reportOf(port: number, bound: Uint8Array): string | undefined {
  const config = configOf({ listeners: [listenerOf('::', port)], tier: 'classic' });
  const plan = makePlan(config, { ...filterOf(), policy: ALLOW_ALL }, capabilitiesOf());
  const core: Partial<CoreOps> = {
    constants: CONSTANTS,
    launchOpen: () => ({ bound: [bound], companion: 0 }),
    launchSettle: () => ({ removed: [] }),
    launchHandover: () => undefined,
    launchClose: () => undefined,
    pidfdId: () => 0n,
  };
  const lines: string[] = [];
  const record = { blockedSignals: 0n, ignoredSignals: 0n, nofileSoft: 1n, nofileHard: 1n, descriptors: [] };
  const resources: Resources = {
    ...{ loaded: undefined, findProgram: () => Buffer.from('/bin/true'), credentials: NOBODY, pid: 2 },
    ...{ companion: '/companion', acceptor: '/acceptor', isAllowed: undefined },
    target: { argv: [], environment: [], record },
    warn: () => expect.unreachable(),
    report: (line) => lines.push(line),
  };
  const unused = () => expect.unreachable();
  launch(plan, resources, { core: core as CoreOps, bpf: unused, bcc: unused });
  return lines[0];
}

const TIER = 'tier classic, filter test (5 instructions), locked, fd 3';

it('names the port that the kernel has picked', () => {
  const bound = encodeSockaddr({ address: parseAddress('::'), port: 4711 }, 0, CONSTANTS);
  expect(reportOf(0, bound)).toBe(`tcp [::]:0 ([::]:4711): ${TIER}`);
});

it('names the planned endpoint where the kernel answers in another family', () => {
  const bound = new Uint8Array(128);
  bound[0] = AF_NETLINK;
  expect(reportOf(0, bound)).toBe(`tcp [::]:0: ${TIER}`);
});

it('does not repeat a port that was asked for', () => {
  const bound = encodeSockaddr({ address: parseAddress('::'), port: 4242 }, 0, CONSTANTS);
  expect(reportOf(4242, bound)).toBe(`tcp [::]:4242: ${TIER}`);
});
