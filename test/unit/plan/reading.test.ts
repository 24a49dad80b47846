import { expect, it } from 'vitest';
import { ENTRY_IN_PLACE } from '../../../src/compile/table/index.js';
import { makePlan } from '../../../src/plan/index.js';
import type { Policy } from '../../../src/policy/index.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, NOBODY } from '../support/plans.js';

const [SYS_ADMIN, PERFMON, BPF] = [1n << 21n, 1n << 38n, 1n << 39n];

const entryOf = (effective: bigint, policy: Policy | undefined) =>
  makePlan(configOf(), { ...filterOf(), policy }, capabilitiesOf({ credentials: { ...NOBODY, effective } }))
    .filter.entry;

it.each([
  ['CAP_BPF alone does not', BPF, ALLOW_ALL, 'filter'],
  ['CAP_PERFMON does', BPF | PERFMON, ALLOW_ALL, ENTRY_IN_PLACE],
  ['so does CAP_SYS_ADMIN', BPF | SYS_ADMIN, ALLOW_ALL, ENTRY_IN_PLACE],
  ['a filter that is not of rules has no such program', BPF | PERFMON, undefined, 'filter'],
])('lets rules read packets in place: %s', (_, effective, policy, entry) => {
  expect(entryOf(effective, policy)).toBe(entry);
});
