import { describe, expect, it } from 'vitest';
import { disassemble } from '../../../src/bpf/cbpf/index.js';
import { parseListenSpec } from '../../../src/net/index.js';
import { type Capabilities, type Config, makePlan } from '../../../src/plan/index.js';
import { noInputs, parsePolicy, resolvePolicy } from '../../../src/policy/index.js';
import { failureOf } from '../support/failure.js';
import { capabilitiesOf, configOf, filterOf, NO, YES } from '../support/plans.js';

const NOTHING = { ebpf: NO, classic: { tcp: NO, udp: NO }, steer: NO };
const EVERYTHING = { ebpf: YES, classic: { tcp: YES, udp: YES }, steer: YES };

function planOne(
  spec: string,
  rules?: string,
  changes: Partial<Config> = {},
  tiers: Capabilities['tiers'] = NOTHING,
) {
  const policy = rules === undefined ? undefined : resolvePolicy(parsePolicy(rules, 'r'), noInputs).policy;
  const config = configOf({ listeners: [parseListenSpec(spec)], ...changes });
  return makePlan(config, { ...filterOf(), policy }, capabilitiesOf({ tiers })).listeners[0];
}

describe('rules on a UNIX socket', () => {
  it.each(['/a', 'unix-dgram:/a', 'unix-seqpacket:@a'])('need no filter where they allow: %s', (spec) => {
    expect(planOne(spec, 'allow from private\nallow proto unix')).toMatchObject({
      tier: 'none',
      lock: false,
      options: [],
      mode: 0o666,
    });
  });

  it('drop every datagram where they deny, without a privilege and whatever tier is wanted', () => {
    const listener = planOne('unix-dgram:/a', 'allow from private', { tier: 'steer' });
    expect(listener).toMatchObject({ tier: 'classic', lock: true });
    expect(disassemble(Buffer.from(listener?.program ?? '', 'hex'))).toEqual([{ op: 'retK', k: 0 }]);
  });

  it.each(['/a', 'unix-seqpacket:@a'])(
    'are refused where they deny and nothing would be enforced: %s',
    (spec) => {
      const kind = spec.startsWith('/') ? 'unix /a' : 'unix-seqpacket @a';
      expect(failureOf(() => planOne(spec, 'allow from private', {}, EVERYTHING))).toEqual({
        code: 'ALF_TIER',
        message: `unable to enforce filter test on ${kind}: the kernel runs none on UNIX sockets with connections`,
        hint: "who may connect is up to the file's permissions (--socket-mode); leave it to them: --rule 'allow proto unix'",
      });
    },
  );
});

describe("somebody's own filter on a UNIX socket", () => {
  it('runs on datagrams', () => {
    expect(planOne('unix-dgram:/a', undefined, {}, EVERYTHING)).toMatchObject({ tier: 'ebpf', lock: true });
  });

  it('is refused where eBPF is', () => {
    expect(failureOf(() => planOne('unix-dgram:/a'))).toMatchObject({
      code: 'ALF_TIER',
      message:
        'unable to enforce a filter on unix-dgram /a: loading eBPF is refused: operation not permitted',
    });
  });

  it('is refused where there are connections', () => {
    expect(failureOf(() => planOne('/a', undefined, {}, EVERYTHING))).toEqual({
      code: 'ALF_TIER',
      message:
        'unable to enforce filter test on unix /a: the kernel runs none on UNIX sockets with connections',
      hint: 'give it a launch of its own, with rules',
    });
  });
});

describe('names', () => {
  const names = (specs: readonly string[], fdnames: readonly string[] = []) => {
    const config = configOf({ listeners: specs.map(parseListenSpec), fdnames });
    const policy = { rules: [], default: 'allow' } as const;
    return makePlan(config, { ...filterOf(), policy }, capabilitiesOf()).listeners.map(
      ({ fdname }) => fdname,
    );
  };

  it('come from what is listened on', () => {
    expect(
      names(['80', 'udp:[::1]:53', '/run/a/web.sock', 'unix-dgram:@a:b', 'unix-seqpacket:/grün']),
    ).toEqual(['tcp-80', 'udp-53', 'unix-web.sock', 'unix-dgram-@a_b', 'unix-seqpacket-gr_n']);
  });

  it('are given in order', () => {
    expect(names(['80', '81', '82'], ['web', 'admin'])).toEqual(['web', 'admin', 'tcp-82']);
  });

  it('are no more than there are listeners', () => {
    expect(failureOf(() => names(['80'], ['a', 'b']))).toEqual({
      code: 'ALF_USAGE',
      message: '2 names for 1 listeners',
      hint: '--fdname names the listeners of the command line, in order',
    });
  });
});
