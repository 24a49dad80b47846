import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadOps } from '../../../../src/kernel/index.js';
import { gatherCapabilities } from '../../../../src/kernel/probe/index.js';
import { type FakeRuntime, fakeCore } from '../../support/fake-core.js';

function gather(interception: FakeRuntime['interception'] = {}) {
  const { core, calls } = fakeCore({}, { interception });
  const ops = { core, bpf: () => expect.unreachable(), bcc: () => expect.unreachable() };
  return { answers: gatherCapabilities(ops, { interception: true }).interception, calls };
}

it('asks only where sockets are going to be intercepted', () => {
  const { core, calls } = fakeCore();
  const ops = { core, bpf: () => expect.unreachable(), bcc: () => expect.unreachable() };
  expect(gatherCapabilities(ops).interception).toBeUndefined();
  expect(calls).toEqual(['probe()']);
  expect(gather().calls).toEqual(['probe()', 'probeInterception()']);
});

it('tells the ports that the kernel picks for clients', () => {
  const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/);
  expect(gather().answers?.localPorts).toEqual(range.map(Number));
});

it('tells what is refused, each by its own reason', () => {
  expect(gather().answers).toMatchObject({ fetch: { works: true }, notify: { works: true } });
  expect(gather({ fetch: -1 }).answers).toMatchObject({
    fetch: { works: false, errno: 'EPERM', reason: 'operation not permitted' },
    notify: { works: true },
  });
  expect(gather({ notify: -16 }).answers).toMatchObject({
    fetch: { works: true },
    notify: { works: false, errno: 'EBUSY' },
  });
});

it('asks whether sockets can be created only where they may not be fetched', () => {
  expect(gather({ create: -2 }).answers?.create).toBeUndefined();
  expect(gather({ fetch: -1 }).answers?.create).toEqual({ works: true });
  expect(gather({ fetch: -1, create: -2 }).answers?.create).toMatchObject({ works: false, errno: 'ENOENT' });
});

it('leaves the process as it was', () => {
  const status = () =>
    readFileSync('/proc/self/status', 'latin1').match(/^(NoNewPrivs|Seccomp|SigBlk|FDSize):.*$/gm);
  const before = status();
  const { fetch, notify, create } = loadOps(process.cwd(), process.dlopen).core.probeInterception();
  expect(status()).toEqual(before);
  for (const answer of [fetch, notify, create]) expect(answer).toBeLessThanOrEqual(0);
});
