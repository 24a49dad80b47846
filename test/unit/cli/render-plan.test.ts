import { describe, expect, it } from 'vitest';
import { parseEntry } from '../../../src/bpf/values/index.js';
import { renderPlan, renderPlanJson } from '../../../src/cli/render-plan.js';
import { makePlan } from '../../../src/plan/index.js';
import { mapOf, objectOf } from '../support/objects.js';
import {
  ALLOW_ALL,
  capabilitiesOf,
  configOf,
  filterOf,
  interceptionOf,
  listenerOf,
  NO,
  NOBODY,
  YES,
} from '../support/plans.js';

const small = makePlan(configOf(), filterOf(), capabilitiesOf());

const large = makePlan(
  configOf({
    listeners: [listenerOf('::', 80), listenerOf('127.0.0.1', 53, 'datagram')],
    entries: [parseEntry('map,0,10.0.0.0/8')],
    target: ['my daemon', '', '--flag', "it's"],
    lock: false,
  }),
  filterOf(objectOf(mapOf('lpm_trie', 'subnet4', 'index'))),
  capabilitiesOf({ credentials: { ...NOBODY, ambient: (1n << 39n) | (1n << 10n) } }),
);

describe('renderPlan', () => {
  it('says what would be done, in order', () => {
    expect(renderPlan(small)).toBe(`load filter test from /filters/test.bpf.o
open tcp [::]:4242, fd 3 "tcp-4242"
  set SO_REUSEADDR to 1
  set IPV6_V6ONLY to 0
  attach the filter (tier ebpf)
  lock the filter
  bind and listen
become true
`);
  });

  it('shows entries, every listener, what is dropped, and words with their ends', () => {
    expect(renderPlan(large)).toBe(`load filter test from /filters/test.bpf.o
  set map: 10.0.0.0/8 = 0
open tcp [::]:80, fd 3 "tcp-80"
  set SO_REUSEADDR to 1
  set IPV6_V6ONLY to 0
  attach the filter (tier ebpf)
  bind and listen
open udp 127.0.0.1:53, fd 4 "udp-53"
  attach the filter (tier ebpf)
  bind
drop CAP_BPF, CAP_NET_BIND_SERVICE
become "my daemon" "" --flag "it's"
`);
  });
});

describe('interception', () => {
  const rules = { ...filterOf(), policy: ALLOW_ALL };

  it('says what happens to sockets that the program opens', () => {
    const plan = makePlan(
      configOf({ listeners: [], interception: interceptionOf() }),
      rules,
      capabilitiesOf(),
    );
    expect(renderPlan(plan)).toBe(`load filter test from /filters/test.bpf.o
  0 rules (0 allow, 0 deny), 0 address ranges, default allow
intercept the sockets that the program opens (seccomp)
  TCP: attach the filter (tier ebpf) and lock it before the socket listens
  UDP: attach the filter (tier ebpf) and lock it before the socket is bound
  filter sockets
become true
`);
  });

  it('says that the companion creates them', () => {
    const answers = { fetch: NO, notify: YES, create: YES, ptraceScope: 1, localPorts: undefined };
    const config = configOf({ listeners: [], interception: interceptionOf() });
    const plan = makePlan(config, rules, capabilitiesOf({ interception: answers }));
    expect(renderPlan(plan)).toContain('\ncreate the sockets that the program opens (seccomp)\n');
  });

  it('says which are expected, which are those of clients, and what the program may', () => {
    const declared = [listenerOf('::', 80), listenerOf('127.0.0.1', 53, 'datagram')];
    const interception = interceptionOf({ declared, undeclared: 'refuse', newPrivileges: true });
    const plan = makePlan(
      configOf({ listeners: [], interception, tier: 'steer' }),
      rules,
      capabilitiesOf({ credentials: { ...NOBODY, uid: 0, effective: 1n << 21n } }),
    );
    expect(renderPlan(plan)).toBe(`compile filter test
  0 rules (0 allow, 0 deny), 0 address ranges, default allow
intercept the sockets that the program opens (seccomp)
  TCP: attach the filter (tier steer) and lock it before the socket listens
  UDP: attach the filter (tier classic) and lock it before the socket is bound
  UDP ports 32768 to 60999 are those of clients: no filter unless declared
  expect tcp [::]:80
  expect udp 127.0.0.1:53
  refuse other sockets
  let the program gain privileges
become true
`);
  });
});

describe('the end of a plan', () => {
  const limits = { maxConnections: 64, maxPerSource: 0, quiet: false };
  it.each([
    [{ pass: 'listener' } as const, 'become true, the socket its standard input and output\n'],
    [
      { pass: 'connection', ...limits } as const,
      'accept connections, at most 64 at a time\nfor each start true, the connection its fd 3\n',
    ],
    [
      { pass: 'connection-stdio', ...limits, maxPerSource: 3 } as const,
      'accept connections, at most 64 at a time, 3 from one source\n' +
        'for each start true, the connection its standard input and output\n',
    ],
  ])('says how the program gets its sockets: %j', (passing, end) => {
    const text = renderPlan(makePlan(configOf({ passing }), filterOf(), capabilitiesOf()));
    expect(text.endsWith(`  bind and listen\n${end}`)).toBe(true);
  });
});

describe('renderPlanJson', () => {
  it.each([
    ['small', small],
    ['large', large],
  ])('loses nothing of a %s plan', (_, plan) => {
    const text = renderPlanJson(plan);
    expect(JSON.parse(text)).toEqual(plan);
    expect(text).toMatch(/^\{\n {2}"filter": \{\n[\s\S]*\}\n$/);
  });
});
