import { describe, expect, it } from 'vitest';
import { disassemble } from '../../../src/bpf/cbpf/index.js';
import { type Capabilities, type Config, makePlan } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, listenerOf, NO, YES } from '../support/plans.js';

const STATELESS = { ...filterOf(), policy: ALLOW_ALL };

/** What programs return for an allowed packet: all of it, or the listener's index. */
const KEEP = 0xffffffff;
const LISTENER = 1;

function allowedBy(program: string | undefined): number | undefined {
  if (program === undefined) return undefined;
  const returned = disassemble(Buffer.from(program, 'hex')).map((insn) => (insn.op === 'retK' ? insn.k : 0));
  return Math.max(...returned);
}

const EVERYTHING = { ebpf: YES, classic: { tcp: YES, udp: YES }, steer: YES };
const NO_EBPF = { ...EVERYTHING, ebpf: NO };
const TODAY = { ebpf: NO, classic: { tcp: NO, udp: YES }, steer: YES };
const NOTHING = { ebpf: NO, classic: { tcp: NO, udp: NO }, steer: NO };

function choose(tiers: Capabilities['tiers'], tier: Config['tier'], filter = STATELESS) {
  const listeners = [listenerOf('::', 80, 'stream'), listenerOf('::', 80, 'datagram')];
  const plan = makePlan(configOf({ listeners, tier }), filter, capabilitiesOf({ tiers }));
  return plan.listeners.map(({ tier, program }) => [tier, allowedBy(program)]);
}

describe('auto takes the strongest tier that works, per listener', () => {
  it.each([
    ['all work', EVERYTHING, ['ebpf', undefined], ['ebpf', undefined]],
    ['no eBPF', NO_EBPF, ['classic', KEEP], ['classic', KEEP]],
    ['no privilege', TODAY, ['steer', LISTENER], ['classic', KEEP]],
  ])('%s', (_, tiers, tcp, udp) => {
    expect(choose(tiers, 'auto')).toEqual([tcp, udp]);
  });

  it('says of each tier why it does not', () => {
    expect(failureOf(() => choose(NOTHING, 'auto'))).toMatchObject({
      code: 'ALF_TIER',
      errno: 'EPERM',
      message:
        'unable to enforce a filter on tcp [::]:80: loading eBPF is refused: operation not permitted; a classic filter is refused: operation not permitted; steering is refused: operation not permitted',
      hint: expect.stringContaining('CAP_BPF'),
    });
  });

  it('has only eBPF for a filter that cannot be compiled', () => {
    const plan = () => makePlan(configOf(), filterOf(), capabilitiesOf({ tiers: TODAY }));
    expect(failureOf(plan).message).toBe(
      'unable to enforce a filter on tcp [::]:4242: loading eBPF is refused: operation not permitted',
    );
  });
});

describe('a tier that is asked for is taken or refused', () => {
  it('takes classic where eBPF would work as well', () => {
    expect(choose(EVERYTHING, 'classic').map(([tier]) => tier)).toEqual(['classic', 'classic']);
  });

  it('refuses steer on UDP', () => {
    expect(failureOf(() => choose(EVERYTHING, 'steer'))).toMatchObject({
      code: 'ALF_TIER',
      message: 'unable to enforce a filter on udp [::]:80: tier steer is for TCP',
    });
  });

  it('refuses steer for a filter that keeps state', () => {
    const plan = () => makePlan(configOf({ tier: 'steer' }), filterOf(), capabilitiesOf());
    expect(failureOf(plan)).toMatchObject({
      code: 'ALF_TIER',
      message: 'unable to enforce filter test on tcp [::]:4242: only tier ebpf can carry it',
    });
  });

  it('refuses what does not work here, and says what unlocks it', () => {
    expect(failureOf(() => choose(NOTHING, 'classic'))).toMatchObject({
      message:
        'unable to enforce a filter on tcp [::]:80: a classic filter is refused: operation not permitted',
      hint: expect.stringContaining('CAP_NET_ADMIN'),
    });
  });
});
