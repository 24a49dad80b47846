import { describe, expect, it } from 'vitest';
import { describeRemoved } from '../../../src/launch/removed.js';
import type { Plan } from '../../../src/plan/index.js';
import { planInherited } from '../support/adopted.js';
import { openFake } from '../support/fake-kernel.js';

const TCP_ESTABLISHED = 1;
const TCP_LISTEN = 10;
const COOKIE = 1;

/** A socket as the kernel lists it. */
interface Listed {
  readonly state: number;
  readonly cookie: number;
  readonly device: number;
  readonly transparent: boolean;
  readonly from: string;
  readonly to: string;
}

/** A connection from a client to the listener. */
function connection(cookie: number, from: string, to: string, more: Partial<Listed> = {}): Listed {
  return { state: TCP_ESTABLISHED, cookie, device: 0, transparent: false, from, to, ...more };
}

const listening = (address: string, more: Partial<Listed> = {}): Listed =>
  connection(COOKIE, address, address, { state: TCP_LISTEN, ...more });

const scripted = ({ state, cookie, device, transparent, from, to }: Listed) =>
  `${state} ${cookie} ${device} ${transparent ? 1 : 0} ${from} 40000 ${to} 80`;

const KEPT = 'kept';

/**
 * Settles a listener, with what the kernel answers to one look after the other, and the queue's length.
 *
 * @returns the connections that the rules were asked about, each `FROM, TO`, or why all were reset
 */
function settle(
  spec: string,
  looks: readonly (readonly Listed[] | number)[],
  waiting: number,
  more: Readonly<Record<string, number>> = {},
) {
  const listener = planInherited(spec);
  const { calls, results, failure } = openFake(listener, {
    answers: { rules: 1, queue: `${waiting}:128`, ...more },
    words: looks.map((look) => `look=${typeof look === 'number' ? look : look.map(scripted).join(';')}`),
  });
  expect(failure).toBeUndefined();
  const asked = calls.flatMap((call) => /^is_allowed\((.*)\)$/.exec(call)?.[1] ?? []);
  const [removed] = results('removed').map((text) => text.split(' ').map(Number));
  if (removed === undefined) return { asked, verdict: KEPT };
  const [, count = 0, reason = 0, errno = 0] = removed;
  const plan = { listeners: [listener] } as unknown as Plan;
  const line = describeRemoved(plan, { listener: 0, count, reason, errno });
  return { asked, verdict: line.slice(line.indexOf('the filter: ') + 'the filter: '.length) };
}

const INCOMPLETE = { asked: [], verdict: 'the kernel does not list all of them' };
const ONE = connection(2, '10.0.0.1', '10.0.0.9');
const TWO = connection(3, '10.0.0.1', '10.0.0.8');
const ANY = listening('0.0.0.0');

describe('the connections that wait on a listener', () => {
  it('are known by both ends', () => {
    expect(settle('0.0.0.0:80', [[ANY, ONE, TWO]], 2)).toEqual({
      asked: ['10.0.0.1:40000, 10.0.0.9:80', '10.0.0.1:40000, 10.0.0.8:80'],
      verdict: KEPT,
    });
  });

  it('are known over IPv6, mapped addresses included', () => {
    const mapped = connection(4, '::ffff:10.0.0.1', '::ffff:10.0.0.9');
    expect(settle('[::]:80', [[listening('::'), mapped]], 1)).toEqual({
      asked: ['[::ffff:10.0.0.1]:40000, [::ffff:10.0.0.9]:80'],
      verdict: KEPT,
    });
  });

  it('are all reset if the rules do not allow one of them', () => {
    expect(settle('0.0.0.0:80', [[ANY, ONE, TWO]], 2, { is_allowed: 0 })).toMatchObject({
      verdict: 'the rules do not allow all of them',
    });
  });

  it.each([
    [1, [ANY, ONE, TWO]],
    [3, [ANY, ONE, TWO]],
    [1, [ANY]],
  ])('are unknown if %i are queued and others are listed', (waiting, look) => {
    expect(settle('0.0.0.0:80', [look], waiting)).toEqual(INCOMPLETE);
  });

  it('are unknown as long as they come and go', () => {
    const looks = [2, 3, 4, 5, 6, 7, 8, 9, 10].map((cookie) => [ANY, { ...ONE, cookie }]);
    expect(settle('0.0.0.0:80', looks, 1)).toEqual(INCOMPLETE);
    expect(settle('0.0.0.0:80', [...looks.slice(0, 3), [ANY, TWO]], 1)).toEqual({
      asked: ['10.0.0.1:40000, 10.0.0.8:80'],
      verdict: KEPT,
    });
  });

  it('are counted once if they are listed twice', () => {
    expect(settle('0.0.0.0:80', [[ANY, ONE, ONE]], 2)).toEqual(INCOMPLETE);
    expect(settle('0.0.0.0:80', [[ANY, ONE, ONE]], 1)).toMatchObject({ verdict: KEPT });
  });

  it.each([
    ['to another address', '10.0.0.9:80', listening('10.0.0.9'), TWO],
    ['by another interface', '0.0.0.0:80', listening('0.0.0.0', { device: 4 }), { ...ONE, device: 5 }],
    ['by an interface, where it is bound to none', '0.0.0.0:80', ANY, { ...ONE, device: 5 }],
    ['by transparent sockets', '0.0.0.0:80', ANY, { ...ONE, transparent: true }],
    ['by link-local addresses', '[::]:80', listening('::'), connection(2, 'fe80::1', 'fe80::2')],
  ])('may be of another listener if they came %s', (_, spec, listener, one) => {
    expect(settle(spec, [[listener, one]], 1)).toEqual(INCOMPLETE);
    expect(settle(spec, [[listener, one]], 0)).toEqual({ asked: [], verdict: KEPT });
  });

  it('are unknown if the address can be shared', () => {
    expect(settle('0.0.0.0:80', [[ANY, ONE]], 1, { reuseport: 1 })).toEqual({
      asked: [],
      verdict: 'SO_REUSEPORT lets other sockets have its address',
    });
  });

  it('are unknown if the listener is not among those of this network namespace', () => {
    expect(settle('0.0.0.0:80', [[{ ...ANY, cookie: 9 }, ONE]], 1)).toEqual({
      asked: [],
      verdict: 'the socket is in another network namespace',
    });
  });

  it.each([
    ['at the first look', [-2]],
    ['at a later look', [[ANY, ONE], -2]],
  ])('are unknown if the kernel does not list them %s', (_, looks) => {
    expect(settle('0.0.0.0:80', looks, 1)).toEqual({
      asked: [],
      verdict: 'the kernel does not list them (ENOENT)',
    });
  });

  it.each([
    ['SO_REUSEPORT', 5],
    ['SO_COOKIE', 7],
  ])('end the launch if %s cannot be read', (option, n) => {
    const { calls, failure, results } = openFake(planInherited('0.0.0.0:80'), {
      answers: { rules: 1, [n]: -9 },
      words: [`look=${[ANY, ONE].map(scripted).join(';')}`],
    });
    expect(calls[n - 1]).toBe(`getsockopt(3, SOL_SOCKET, ${option})`);
    expect(failure?.message).toBe('unable to examine tcp 0.0.0.0:80: bad file descriptor');
    expect(results('left')).toEqual([]);
  });
});
