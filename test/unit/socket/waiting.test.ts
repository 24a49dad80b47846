import { describe, expect, it } from 'vitest';
import type { TcpSocket } from '../../../src/kernel/index.js';
import { formatEndpoint, parseAddress } from '../../../src/net/index.js';
import type { InternetListener } from '../../../src/plan/index.js';
import { listWaiting } from '../../../src/socket/waiting.js';
import { planInherited } from '../support/adopted.js';
import { CONSTANTS, fakeCore } from '../support/fake-core.js';

const COOKIE = 1n;

/** A connection from a client to the listener, as the kernel lists it. */
function connection(cookie: bigint, from: string, to: string, more: Partial<TcpSocket> = {}): TcpSocket {
  const end = (address: string, port: number) => ({
    bytes: Uint8Array.from(parseAddress(address).bytes),
    port,
  });
  return {
    ...{ state: 1, device: 0, transparent: false, cookie },
    ...{ local: end(to, 80), peer: end(from, 40_000) },
    ...more,
  };
}

const listening = (address: string, more: Partial<TcpSocket> = {}): TcpSocket =>
  connection(COOKIE, address, address, { state: CONSTANTS.TCP_LISTEN, ...more });

/** Lists what waits on a listener, with what the kernel answers to one look after the other, and the queue's length. */
function list(
  spec: string,
  looks: readonly (readonly TcpSocket[] | number)[],
  waiting: number,
  reuseport = 0,
) {
  const { core } = fakeCore();
  let look = 0;
  const answering = {
    ...core,
    tcpSockets: () => looks[Math.min(look++, looks.length - 1)] ?? [],
    getsockopt: (_: number, level: number, name: number, into: Uint8Array) => {
      const view = new DataView(into.buffer);
      if (level === CONSTANTS.IPPROTO_TCP)
        new Uint32Array(into.buffer)[CONSTANTS.ACCEPT_QUEUE_LENGTH / 4] = waiting;
      if (name === CONSTANTS.SO_REUSEPORT) new Uint32Array(into.buffer)[0] = reuseport;
      if (name !== CONSTANTS.SO_COOKIE) return 4;
      view.setBigUint64(0, COOKIE, true);
      return 8;
    },
  };
  const listed = listWaiting(answering, planInherited(spec) as InternetListener, 3);
  return typeof listed === 'string'
    ? listed
    : listed.map(({ from, to }) => `${formatEndpoint(from)} ${formatEndpoint(to)}`);
}

const INCOMPLETE = 'the kernel does not list all of them';
const ONE = connection(2n, '10.0.0.1', '10.0.0.9');
const TWO = connection(3n, '10.0.0.1', '10.0.0.8');
const ANY = listening('0.0.0.0');

describe('the connections that wait on a listener', () => {
  it('are known by both ends', () => {
    expect(list('0.0.0.0:80', [[ANY, ONE, TWO]], 2)).toEqual([
      '10.0.0.1:40000 10.0.0.9:80',
      '10.0.0.1:40000 10.0.0.8:80',
    ]);
  });

  it('are known over IPv6, mapped addresses included', () => {
    const mapped = connection(4n, '::ffff:10.0.0.1', '::ffff:10.0.0.9');
    expect(list('[::]:80', [[listening('::'), mapped]], 1)).toEqual([
      '[::ffff:a00:1]:40000 [::ffff:a00:9]:80',
    ]);
  });

  it.each([
    [1, [ANY, ONE, TWO]],
    [3, [ANY, ONE, TWO]],
    [1, [ANY]],
  ])('are unknown if %i are queued and others are listed', (waiting, look) => {
    expect(list('0.0.0.0:80', [look], waiting)).toBe(INCOMPLETE);
  });

  it('are unknown as long as they come and go', () => {
    const looks = [2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n].map((cookie) => [ANY, { ...ONE, cookie }]);
    expect(list('0.0.0.0:80', looks, 1)).toBe(INCOMPLETE);
    expect(list('0.0.0.0:80', [...looks.slice(0, 3), [ANY, TWO]], 1)).toEqual(['10.0.0.1:40000 10.0.0.8:80']);
  });

  it('are counted once if they are listed twice', () => {
    expect(list('0.0.0.0:80', [[ANY, ONE, ONE]], 2)).toBe(INCOMPLETE);
  });

  it.each([
    ['to another address', '10.0.0.9:80', listening('10.0.0.9'), TWO],
    ['by another interface', '0.0.0.0:80', listening('0.0.0.0', { device: 4 }), { ...ONE, device: 5 }],
    ['by an interface, where it is bound to none', '0.0.0.0:80', ANY, { ...ONE, device: 5 }],
    ['by transparent sockets', '0.0.0.0:80', ANY, { ...ONE, transparent: true }],
    ['by link-local addresses', '[::]:80', listening('::'), connection(2n, 'fe80::1', 'fe80::2')],
  ])('may be of another listener if they came %s', (_, spec, listener, one) => {
    expect(list(spec, [[listener, one]], 1)).toBe(INCOMPLETE);
    expect(list(spec, [[listener, one]], 0)).toEqual([]);
  });

  it('are unknown if the address can be shared', () => {
    expect(list('0.0.0.0:80', [[ANY, ONE]], 1, 1)).toBe('SO_REUSEPORT lets other sockets have its address');
  });

  it('are unknown if the listener is not among those of this network namespace', () => {
    expect(list('0.0.0.0:80', [[{ ...ANY, cookie: 9n }, ONE]], 1)).toBe(
      'the socket is in another network namespace',
    );
  });

  it('are unknown if the kernel does not tell', () => {
    expect(list('0.0.0.0:80', [-2], 1)).toBe('the kernel does not list them (ENOENT)');
  });
});
