import { describe, expect, it } from 'vitest';
import { makePlan, type SocketHandoff } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { capabilitiesOf, configOf, filterOf, listenerOf } from '../support/plans.js';

const [TCP, UDP] = [listenerOf('::', 80), listenerOf('::', 80, 'datagram')];
const EACH: SocketHandoff = { pass: 'connection', maxConnections: 64, maxPerSource: 0, quiet: false };
const ONE: SocketHandoff = { pass: 'listener' };

const planned = (passing: SocketHandoff | undefined, ...listeners: (typeof TCP)[]) =>
  makePlan(
    configOf({ listeners, ...(passing === undefined ? {} : { passing }) }),
    filterOf(),
    capabilitiesOf(),
  ).passing;

describe('how sockets are passed on', () => {
  it.each([
    ['as they are', undefined, [TCP, UDP]],
    ['as connections', EACH, [TCP, listenerOf('::', 81)]],
    ['as standard input', ONE, [TCP]],
    ['as standard input, for datagrams', ONE, [UDP]],
  ])('%s', (_, passing, listeners) => {
    expect(planned(passing, ...listeners)).toEqual(passing);
  });

  it.each([
    [
      EACH,
      [TCP, UDP],
      'udp [::]:80 has no connections to accept',
      'for datagrams leave --accept out; with --inetd the program gets the socket itself',
    ],
    [
      ONE,
      [TCP, UDP],
      '2 listeners cannot all be standard input',
      'with --accept each connection is; otherwise --inetd takes one listener',
    ],
  ])('not %j of %j', (passing, listeners, message, hint) => {
    expect(failureOf(() => planned(passing, ...listeners))).toEqual({ code: 'ALF_USAGE', message, hint });
  });
});
