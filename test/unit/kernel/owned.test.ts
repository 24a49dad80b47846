import { expect, it } from 'vitest';
import { OwnedFd } from '../../../src/kernel/index.js';
import { failureOf } from '../support/failure.js';
import { fakeCore } from '../support/fake-core.js';

it('closes exactly once and is of no use afterwards', () => {
  const { core, calls } = fakeCore();
  const owned = new OwnedFd(core, 9, 'listener [::]:80');
  expect(owned.fd).toBe(9);
  owned.close();
  owned.close();
  expect(calls).toEqual(['close(9)']);
  expect(failureOf(() => owned.fd)).toEqual({
    code: 'ALF_NATIVE',
    message: 'listener [::]:80 is used after close',
  });
});

it('does not mind a close that fails', () => {
  const { core } = fakeCore({ close: -5 });
  expect(new OwnedFd(core, 9, 'x').close()).toBeUndefined();
});
