import { describe, expect, it } from 'vitest';
import { probeTiers } from '../../../../src/kernel/probe/index.js';
import { fakeCore } from '../../support/fake-core.js';

const REFUSED = { works: false, errno: 'EPERM', reason: 'operation not permitted' };

describe('probeTiers', () => {
  it('tries a classic filter on a scratch socket, once and only if asked', () => {
    const { core, calls } = fakeCore({ attachClassic: -1 });
    const { classic } = probeTiers(core);
    expect(calls).toEqual(['probeSocketFilter()']);
    expect([classic.udp, classic.udp]).toEqual([REFUSED, REFUSED]);
    expect(calls.slice(1)).toEqual(['socket(102, 202, 0)', 'attachClassic(7, 351, 8 bytes)', 'close(7)']);
    expect(classic.tcp).toEqual(REFUSED);
    expect(calls[4]).toBe('socket(102, 201, 0)');
  });

  it('tries a program on a group of one', () => {
    const { core, calls } = fakeCore();
    expect(probeTiers(core).steer).toEqual({ works: true });
    expect(calls.slice(1)).toEqual([
      'socket(102, 201, 0)',
      'setsockopt(7, 301, 315, 1)',
      'attachClassic(7, 352, 8 bytes)',
      'close(7)',
    ]);
  });

  it('makes do with IPv6, and says why there is neither', () => {
    const { core, calls } = fakeCore({ 2: -97 });
    expect(probeTiers(core).steer).toEqual({ works: true });
    expect(calls[2]).toBe('socket(110, 201, 0)');
    const none = fakeCore({ socket: -97 });
    expect(probeTiers(none.core).steer).toMatchObject({ works: false, errno: 'EAFNOSUPPORT' });
    expect(none.calls).not.toContain('close(-97)');
  });
});
