import { describe, expect, it } from 'vitest';
import { parseListenSpec } from '../../../src/net/index.js';
import { makePlan } from '../../../src/plan/index.js';
import { capabilitiesOf, configOf, filterOf } from '../support/plans.js';

const plan = (specs: readonly string[], hasIpv6: boolean) =>
  makePlan(configOf({ listeners: specs.map(parseListenSpec) }), filterOf(), capabilitiesOf({ hasIpv6 }));
const labels = (specs: readonly string[], hasIpv6: boolean) =>
  plan(specs, hasIpv6).listeners.map(({ label }) => label);

describe('a listener without an address', () => {
  it('serves both families', () => {
    expect(labels(['80', 'udp:53'], true)).toEqual(['tcp [::]:80', 'udp [::]:53']);
    expect(plan(['80'], true).warnings).toEqual([]);
  });

  it('serves IPv4 where the kernel has no IPv6, and says so', () => {
    expect(labels(['80', 'udp:53'], false)).toEqual(['tcp 0.0.0.0:80', 'udp 0.0.0.0:53']);
    expect(plan(['80'], false).warnings).toEqual([
      'tcp 0.0.0.0:80: IPv4 only, because this kernel has no IPv6',
    ]);
  });

  it('leaves no trace of that in the plan', () => {
    expect(plan(['80'], true)).toEqual(plan(['[::]:80'], true));
    expect(plan(['80'], false).listeners).toEqual(plan(['0.0.0.0:80'], false).listeners);
  });
});

it.each(['[::]:80', '[::1]:80', '0.0.0.0:80'])('the address %s stays what it is', (spec) => {
  expect(labels([spec], false)).toEqual(labels([spec], true));
  expect(plan([spec], false).warnings).toEqual([]);
});

it('the implied listener gives way to sockets that are passed in', () => {
  const capabilities = capabilitiesOf({
    hasIpv6: false,
    inherited: [{ name: 'web', spec: parseListenSpec('[::]:80') }],
  });
  const config = configOf({ listeners: [parseListenSpec('4242')], implied: true });
  expect(makePlan(config, filterOf(), capabilities).listeners.map(({ label }) => label)).toEqual([
    'tcp [::]:80',
  ]);
});
