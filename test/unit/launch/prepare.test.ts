import { describe, expect, it } from 'vitest';
import { hintFor } from '../../../src/cli/hints.js';
import { AlfError } from '../../../src/errors/index.js';
import type { OpenedFilter } from '../../../src/filter/index.js';
import { prepareLaunch, tryFilter } from '../../../src/launch/index.js';
import { type Capabilities, type Config, makePlan } from '../../../src/plan/index.js';
import { fakeCore } from '../support/fake-core.js';
import { objectOf } from '../support/objects.js';
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

const REASON = 'unable to load filter policy: R1 !read_ok (12 lines omitted)';
const REFUSAL = new AlfError('ALF_VERIFIER', REASON, { errno: 'EACCES', hint: 'see the log', detail: 'log' });
const CAP_BPF = 1n << 39n;
const CAP_PERFMON = 1n << 38n;
const LENT = { ...NOBODY, effective: CAP_BPF | CAP_PERFMON };
const BOTH = [listenerOf('::', 80), listenerOf('::', 80, 'datagram')];
const RULES = { ...filterOf(), name: 'policy', policy: ALLOW_ALL };

/** A filter that is loaded, or refused, and how often it was loaded and closed. */
function filterThat(refusal?: AlfError) {
  const counts = { loads: 0, closes: 0 };
  const filter: OpenedFilter = {
    ...{ engine: 'object', spec: objectOf(), traits: () => expect.unreachable(), close: () => undefined },
    load: () => {
      counts.loads++;
      if (refusal !== undefined) throw refusal;
      const instructions = () => expect.unreachable();
      return { programFd: 9, programId: 1, instructions, close: () => void counts.closes++ };
    },
  };
  return { filter, counts };
}

function prepare(
  refusal: AlfError | undefined,
  config: Partial<Config> = {},
  capabilities: Partial<Capabilities> = {},
  input = RULES,
  answers: Readonly<Record<string, number>> = {},
) {
  const { filter, counts } = filterThat(refusal);
  const all = configOf({ listeners: BOTH, ...config });
  const { core } = fakeCore(answers);
  return {
    ...prepareLaunch(all, input, filter, capabilitiesOf({ credentials: LENT, ...capabilities }), core),
    counts,
  };
}

const tiersOf = ({ plan }: ReturnType<typeof prepare>) => plan.listeners.map(({ tier }) => tier);
const thrownBy = (act: () => unknown): AlfError => {
  try {
    act();
  } catch (error) {
    return error as AlfError;
  }
  return expect.unreachable();
};

describe('a launch that intercepts', () => {
  const config = { listeners: [], interception: interceptionOf() };

  it('loads the filter for the sockets that the program opens', () => {
    expect(prepare(undefined, config)).toMatchObject({
      loaded: { programFd: 9 },
      plan: { filter: { entry: 'filter_intercepted_in_place' } },
    });
  });

  it('goes to the next tier where it is refused', () => {
    const tiers = { ebpf: YES, classic: { tcp: NO, udp: YES }, steer: YES };
    const { plan, warnings } = prepare(REFUSAL, config, { tiers });
    expect(plan.interception).toMatchObject({ tcp: { tier: 'steer' }, udp: { tier: 'classic' } });
    expect(warnings).toEqual([`tier ebpf is refused, steer and classic is used: ${REASON} (EACCES)`]);
  });
});

describe('a launch whose filter the kernel takes', () => {
  it('loads it once, and says nothing', () => {
    const prepared = prepare(undefined);
    expect(tiersOf(prepared)).toEqual(['ebpf', 'ebpf']);
    expect(prepared).toMatchObject({
      loaded: { programFd: 9 },
      warnings: [],
      counts: { loads: 1, closes: 0 },
    });
  });

  it('does not load it for a tier that has no use for it', () => {
    expect(prepare(REFUSAL, { tier: 'classic' })).toMatchObject({ loaded: undefined, counts: { loads: 0 } });
  });
});

describe('a launch whose filter is refused after the probe has succeeded', () => {
  it.each(['ALF_VERIFIER', 'ALF_MAP', 'ALF_NATIVE'] as const)(
    'goes to the next tier, with one line: %s',
    (code) => {
      const prepared = prepare(new AlfError(code, REASON, { errno: 'EACCES' }));
      expect(tiersOf(prepared)).toEqual(['classic', 'classic']);
      expect(prepared.plan.listeners.every(({ program }) => program !== undefined)).toBe(true);
      expect(prepared.loaded).toBeUndefined();
      expect(prepared.warnings).toEqual([`tier ebpf is refused, classic is used: ${REASON} (EACCES)`]);
    },
  );

  it('goes to the next tier where it loads and cannot be attached, and leaves nothing loaded', () => {
    const prepared = prepare(undefined, {}, {}, RULES, { tryAttach: -12 });
    expect(tiersOf(prepared)).toEqual(['classic', 'classic']);
    expect(prepared).toMatchObject({ loaded: undefined, counts: { loads: 1, closes: 1 } });
    expect(prepared.warnings).toEqual([
      'tier ebpf is refused, classic is used: unable to attach filter policy: not enough memory (ENOMEM)',
    ]);
  });

  it('names each tier that is used instead', () => {
    const tiers = { ebpf: YES, classic: { tcp: NO, udp: YES }, steer: YES };
    const prepared = prepare(REFUSAL, {}, { tiers });
    expect(tiersOf(prepared)).toEqual(['steer', 'classic']);
    expect(prepared.warnings).toEqual([
      `tier ebpf is refused, steer and classic is used: ${REASON} (EACCES)`,
    ]);
  });

  it('says what to lend where CAP_BPF alone is in effect', () => {
    const { warnings } = prepare(REFUSAL, {}, { credentials: { ...NOBODY, effective: CAP_BPF } });
    expect(warnings[0]).toContain('; also lend CAP_PERFMON');
  });

  it('takes a shipped filter without state for the rules it stands for', () => {
    const prepared = prepare(REFUSAL, {}, {}, {
      ...filterOf(),
      name: 'whitelist-private',
      shipped: true,
    } as never);
    expect(tiersOf(prepared)).toEqual(['classic', 'classic']);
  });

  it('ends with --tier ebpf, the reason, and what to do', () => {
    const error = thrownBy(() => prepare(REFUSAL, { tier: 'ebpf' }));
    expect(error).toMatchObject({ code: 'ALF_VERIFIER', message: REASON, errno: 'EACCES', detail: 'log' });
    expect(hintFor(error)).toBe(
      'see the log; without --tier ebpf the next tier is used, if it carries the filter',
    );
  });

  it('ends with the reason where no other tier carries the filter', () => {
    const input = { ...filterOf(), name: 'knocking', policy: undefined } as never;
    expect(thrownBy(() => prepare(REFUSAL, {}, {}, input))).toMatchObject({ message: REASON });
  });

  it('ends with the reason where no other tier works', () => {
    const tiers = { ebpf: YES, classic: { tcp: NO, udp: NO }, steer: NO };
    expect(thrownBy(() => prepare(REFUSAL, {}, { tiers }))).toMatchObject({ message: REASON });
  });

  it('names both reasons where the rules do not fit into another tier', () => {
    const error = thrownBy(() => prepare(REFUSAL, {}, { optmemMax: 40 }));
    expect(error.code).toBe('ALF_CAPACITY');
    expect(hintFor(error)).toBe(`tier ebpf, which could carry it, is refused: ${REASON} (EACCES)`);
  });

  it('ends where the object is damaged: no tier makes an installation good', () => {
    const damaged = new AlfError('ALF_OBJECT', 'unable to open filter policy');
    expect(thrownBy(() => prepare(damaged))).toBe(damaged);
  });
});

describe('trying the filter of a plan', () => {
  const capabilities = capabilitiesOf({ credentials: LENT });
  const plan = makePlan(configOf({ listeners: BOTH }), RULES, capabilities);

  it('changes nothing where the kernel takes it, and leaves nothing loaded', () => {
    const { filter, counts } = filterThat();
    expect(tryFilter(plan, RULES, filter, capabilities, fakeCore().core)).toBe(capabilities);
    expect(counts).toEqual({ loads: 1, closes: 1 });
  });

  it('refuses tier ebpf where the kernel does', () => {
    const { filter } = filterThat(REFUSAL);
    expect(tryFilter(plan, RULES, filter, capabilities, fakeCore().core).tiers).toEqual({
      ...capabilities.tiers,
      ebpf: { works: false, errno: 'EACCES', reason: REASON },
    });
  });
});
