import { expect, it } from 'vitest';
import { dropCapabilities } from '../../../src/exec/index.js';
import type { Plan } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { fakeCore } from '../support/fake-core.js';
import { NOBODY } from '../support/plans.js';

const [SETPCAP, NET_BIND, CHOWN, BPF] = [1n << 8n, 1n << 10n, 1n, 1n << 39n];
const ALL = SETPCAP | NET_BIND | CHOWN | BPF;
const CREDENTIALS = { ...NOBODY, effective: ALL, permitted: ALL, inheritable: BPF | CHOWN, ambient: BPF };
const BOTH: Plan['drop'] = { capabilities: ['CAP_BPF', 'CAP_NET_BIND_SERVICE'], bounding: true };

it('does nothing where there is nothing to drop', () => {
  const { core, calls } = fakeCore();
  dropCapabilities(core, { capabilities: [], bounding: true }, CREDENTIALS);
  expect(calls).toEqual([]);
});

it('lowers the bounding set while it still may, and all other sets at the end', () => {
  const { core, calls } = fakeCore();
  dropCapabilities(core, BOTH, CREDENTIALS);
  expect(calls).toEqual([
    'lowerAmbient(39)',
    'dropBounding(39)',
    'lowerAmbient(10)',
    'dropBounding(10)',
    `capset(${SETPCAP | CHOWN}, ${SETPCAP | CHOWN}, ${CHOWN})`,
  ]);
});

it('leaves the bounding set where it may not be lowered', () => {
  const { core, calls } = fakeCore();
  dropCapabilities(core, { capabilities: ['CAP_BPF'], bounding: false }, CREDENTIALS);
  expect(calls).toEqual(['lowerAmbient(39)', `capset(${ALL & ~BPF}, ${ALL & ~BPF}, ${CHOWN})`]);
});

it.each([
  [1, 'unable to take CAP_BPF out of the ambient set: operation not permitted'],
  [2, 'unable to take CAP_BPF out of the bounding set: operation not permitted'],
  [3, 'unable to take CAP_NET_BIND_SERVICE out of the ambient set: operation not permitted'],
  [4, 'unable to take CAP_NET_BIND_SERVICE out of the bounding set: operation not permitted'],
  [5, 'unable to drop CAP_BPF, CAP_NET_BIND_SERVICE: operation not permitted'],
])('stops at call %i if it fails', (n, message) => {
  const { core, calls } = fakeCore({ [n]: -1 });
  expect(failureOf(() => dropCapabilities(core, BOTH, CREDENTIALS))).toMatchObject({
    code: 'ALF_CAPABILITY',
    message,
    errno: 'EPERM',
  });
  expect(calls).toHaveLength(n);
});
