import { expect, it } from 'vitest';
import { formatActivation, LISTEN_VARIABLES } from '../../../src/activation/index.js';

it.each([
  [['tcp-80'], 0n, ['LISTEN_PID=42', 'LISTEN_FDS=1', 'LISTEN_FDNAMES=tcp-80']],
  [['a', 'b', 'c'], 0n, ['LISTEN_PID=42', 'LISTEN_FDS=3', 'LISTEN_FDNAMES=a:b:c']],
  [
    ['a'],
    2n ** 60n,
    ['LISTEN_PID=42', 'LISTEN_FDS=1', 'LISTEN_FDNAMES=a', 'LISTEN_PIDFDID=1152921504606846976'],
  ],
])('sockets %j and pidfd %i', (fdnames, pidfdId, expected) => {
  expect(formatActivation({ pid: 42, fdnames, pidfdId })).toEqual(expected);
});

it('names every variable it may write', () => {
  const written = formatActivation({ pid: 1, fdnames: ['a'], pidfdId: 1n }).map((text) => text.split('=')[0]);
  expect(written).toEqual(LISTEN_VARIABLES);
});
