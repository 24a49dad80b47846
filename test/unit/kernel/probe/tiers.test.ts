import { describe, expect, it } from 'vitest';
import { gatherCapabilities, tryAttach } from '../../../../src/kernel/probe/index.js';
import { failureOf } from '../../support/failure.js';
import { type FakeRuntime, fakeCore } from '../../support/fake-core.js';

const tiers = (probe: NonNullable<FakeRuntime['probe']>) =>
  gatherCapabilities({
    core: fakeCore({}, { probe }).core,
    bpf: () => expect.unreachable(),
    bcc: () => expect.unreachable(),
  }).tiers;

describe('the tiers', () => {
  it.each([
    [0, { works: true }],
    [3, { works: true }],
    [-1, { works: false, errno: 'EPERM', reason: 'operation not permitted' }],
    [-38, { works: false, errno: 'ENOSYS', reason: 'function not implemented' }],
    [-524, { works: false, errno: 'errno 524', reason: 'unknown error' }],
  ])('make of status %i what it means', (status, expected) => {
    expect(tiers({ ebpf: status }).ebpf).toEqual(expected);
    expect(tiers({ classicTcp: status }).classic.tcp).toEqual(expected);
    expect(tiers({ classicUdp: status }).classic.udp).toEqual(expected);
    expect(tiers({ steer: status }).steer).toEqual(expected);
  });
});

describe('tryAttach', () => {
  it('says nothing if the program can be attached', () => {
    const { core, calls } = fakeCore();
    tryAttach(core, 11, 'test');
    expect(calls).toEqual(['tryAttach(11)']);
  });

  it.each([
    [
      -12,
      'ENOMEM',
      'not enough memory',
      { hint: 'give sockets more memory: sysctl -w net.core.optmem_max=131072' },
    ],
    [-1, 'EPERM', 'operation not permitted', {}],
  ])('says why it cannot be: %i', (status, errno, reason, hint) => {
    const { core } = fakeCore({ tryAttach: status });
    expect(failureOf(() => tryAttach(core, 11, 'test'))).toEqual({
      code: 'ALF_VERIFIER',
      message: `unable to attach filter test: ${reason}`,
      errno,
      ...hint,
    });
  });
});
