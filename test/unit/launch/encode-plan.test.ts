import { describe, expect, it } from 'vitest';
import { encodePlan } from '../../../src/launch/index.js';
import { encodeSockaddr, parseListenSpec } from '../../../src/net/index.js';
import { type Config, type InterceptionRequest, makePlan, type Plan } from '../../../src/plan/index.js';
import { CONSTANTS } from '../support/fake-core.js';
import { ALLOW_ALL, capabilitiesOf, configOf, filterOf, interceptionOf, NO, YES } from '../support/plans.js';

const HEADER_BYTES = 16;
const [EBPF, CLASSIC, STEER, FETCH] = [1, 2, 3, 1];

function planOf(request: Partial<InterceptionRequest>, config: Partial<Config> = {}, ebpf = true): Plan {
  const interception = interceptionOf(request);
  return makePlan(
    configOf({ listeners: [], interception, ...config }),
    { ...filterOf(), policy: ALLOW_ALL },
    capabilitiesOf({ tiers: { ebpf: ebpf ? YES : NO, classic: { tcp: YES, udp: YES }, steer: YES } }),
  );
}

/** Reads values as the runtime does. */
class Reader {
  readonly #bytes: Buffer;
  #at = HEADER_BYTES;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  bytes(): Buffer {
    const size = this.u32();
    const start = this.#at;
    this.#at += (size + 3) & ~3;
    return this.#bytes.subarray(start, start + size);
  }

  /** Whether everything has been read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
}

/** What follows the user of the target. */
function tailOf(plan: Plan): Reader {
  const reader = new Reader(encodePlan(plan, { constants: CONSTANTS, changes: [], companion: '/companion' }));
  expect([reader.u32(), reader.u32()]).toEqual([0, 0]);
  expect(reader.bytes().toString('hex')).toBe(plan.guard ?? '');
  expect(reader.bytes().toString()).toBe('/companion\0');
  expect([reader.u32(), reader.u32()]).toEqual([0xffffffff, 0xffffffff]);
  return reader;
}

describe('the encoded interception', () => {
  it('is a zero where sockets are not intercepted', () => {
    const { interception: _, ...plan } = planOf({});
    const tail = tailOf(plan);
    expect(tail.u32()).toBe(0);
    expect(tail.isAtEnd).toBe(true);
  });

  it('has tiers without programs and no ports of clients for rules on tier ebpf', () => {
    const tail = tailOf(planOf({ undeclared: 'refuse', verbose: true }));
    expect([1, 2, 3, 4, 5].map(() => tail.u32())).toEqual([1, FETCH, 1, 0, 1]);
    expect([tail.u32(), tail.bytes().length, tail.u32()]).toEqual([EBPF, 0, 0]);
    expect([tail.u32(), tail.bytes().length]).toEqual([EBPF, 0]);
    expect([tail.u32(), tail.u32()]).toEqual([1, 0]);
    expect(tail.u32()).toBe(0);
    expect(tail.isAtEnd).toBe(true);
  });

  it('has programs, the place of the number of listeners, ports of clients and declarations', () => {
    const declared = ['udp:127.0.0.1:53', 'tcp:[fe80::1%eth0]:80'].map(parseListenSpec);
    const plan = planOf({ declared }, { tier: 'steer' }, false);
    const tail = tailOf(plan);
    const { tcp, udp } = plan.interception ?? expect.unreachable();
    expect([1, 2, 3, 4, 5].map(() => tail.u32())).toEqual([1, FETCH, 0, 0, 0]);
    expect([tail.u32(), tail.bytes().toString('hex'), tail.u32()]).toEqual([STEER, tcp.program, tcp.spread]);
    expect([tail.u32(), tail.bytes().toString('hex')]).toEqual([CLASSIC, udp.program]);
    expect([tail.u32(), tail.u32()]).toEqual([32768, 60999]);
    expect(tail.u32()).toBe(2);
    for (const [protocol, spec, scopeId] of [
      [CONSTANTS.IPPROTO_UDP, declared[0], 0],
      [CONSTANTS.IPPROTO_TCP, declared[1], 2],
    ] as const) {
      expect(tail.u32()).toBe(protocol);
      expect(tail.bytes()).toEqual(Buffer.from(encodeSockaddr(spec as never, scopeId, CONSTANTS)));
    }
    expect(tail.isAtEnd).toBe(true);
  });

  it('says that the companion creates the sockets', () => {
    const plan = planOf({}, { tier: 'steer' });
    const interception = plan.interception && { ...plan.interception, mechanism: 'create' as const };
    const tail = tailOf({ ...plan, ...(interception && { interception }) });
    expect([tail.u32(), tail.u32()]).toEqual([1, 2]);
  });

  it('says that the target may gain privileges', () => {
    const plan = planOf({});
    const interception = plan.interception && { ...plan.interception, newPrivileges: true };
    const tail = tailOf({ ...plan, ...(interception && { interception }) });
    expect([1, 2, 3, 4, 5].map(() => tail.u32())).toEqual([1, FETCH, 0, 1, 0]);
  });
});
