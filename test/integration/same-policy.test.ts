import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePolicy } from '../../src/compile/table/index.js';
import {
  type EngineContext,
  findFilter,
  type LoadedFilter,
  type OpenedFilter,
  openFilter,
  openRules,
} from '../../src/filter/index.js';
import { runTrial } from '../../src/filter/trial/index.js';
import { loadOps } from '../../src/kernel/index.js';
import { craftPacket } from '../../src/net/index.js';
import { evaluate, noInputs, type Packet, parsePolicy, resolvePolicy } from '../../src/policy/index.js';
import { modelBytes } from '../support/address-model.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';

const PACKETS = 10_000;
const RULES = 'test/fixtures/filters/policy.rules';

/** Where the policy's prefixes begin; the addresses before and after them are of interest as well. */
const STARTS4 = [0x0a000000, 0x0a420000, 0x0a430000, 0x0b000000, 0xc0000200, 0xc0000280, 0xc0000300].map(
  BigInt,
);
const STARTS6 = ['20010db8', '20010db80bad', '20010db80bae', '20010db9', 'fd', 'fe'].map((start) =>
  BigInt(`0x${start.padEnd(32, '0')}`),
);
const FROM_PORTS = [1, 443, 1023, 1024, 1025, 40_000, 65_535];
const TO_PORTS = [1, 442, 443, 443, 443, 444, 65_535];

/** Mostly what some rule speaks of, or is next to it. */
function randomPacket(random: Random): Packet {
  const family = random.pick([4, 6] as const);
  const mapped = family === 6 && random.chance(0.4);
  const narrow = family === 4 || mapped;
  const near = random.pick(narrow ? STARTS4 : STARTS6) + BigInt(random.pick([-1, 0, 0, 1]));
  const within = near + (BigInt(random.word()) << (narrow ? 0n : 80n)) / BigInt(1 + random.below(2 ** 20));
  const bits = narrow ? 32 : 128;
  const address = BigInt.asUintN(bits, random.chance(0.4) ? near : within);
  const protocol = random.pick([6, 6, 6, 17, 17, 132]);
  const port = (ports: readonly number[]) => (protocol === 132 ? 0 : random.pick(ports));
  return {
    family,
    source: modelBytes(family, mapped ? 0xffff_0000_0000n + address : address),
    destination: modelBytes(family, 1n),
    protocol,
    sourcePort: port(FROM_PORTS),
    destinationPort: port(TO_PORTS),
    ifname: 'lo',
  };
}

describeWith(['root', 'bpf', 'clang', 'bcc'], 'one policy, written three times', () => {
  const ops = loadOps(process.cwd(), process.dlopen);
  const context: EngineContext = {
    ops,
    root: process.cwd(),
    pid: process.pid,
    variable: (name) => (name === 'PATH' ? process.env['PATH'] : undefined),
    report: undefined,
    warn: (line) => expect.fail(line),
  };
  const { policy } = resolvePolicy(parsePolicy(readFileSync(RULES, 'utf8'), RULES), noInputs);
  const opened: OpenedFilter[] = [];
  const filters: Record<string, LoadedFilter> = {};

  /** Opens one and loads it; both are closed when all tests are over. */
  function load(name: string, filter: OpenedFilter, image?: ReturnType<typeof encodePolicy>): void {
    opened.push(filter);
    filters[name] = filter.load({ name, file: name, entry: filter.spec.entry, entries: [] }, image);
  }

  beforeAll(async () => {
    load('rules', openRules(findFilter('policy', process.cwd()), context), encodePolicy(policy));
    for (const [name, path] of [
      ['libbpf', 'test/fixtures/filters/policy-libbpf.c'],
      ['bcc', 'test/fixtures/bcc/policy-bcc.c'],
    ] as const) {
      const found = findFilter(resolve(path), process.cwd());
      load(name, await openFilter(found, { engine: 'auto', entry: undefined }, context));
    }
  });
  afterAll(() => {
    for (const filter of [...Object.values(filters), ...opened]) filter.close();
  });

  test(`the kernel has the same verdict from all of them, and evaluate, on ${PACKETS} packets`, () => {
    expect(opened.map(({ engine }) => engine)).toEqual(['object', 'clang', 'bcc']);
    const random = new Random(seedOf('one policy, written three times'));
    const packets = Array.from({ length: PACKETS }, () => randomPacket(random));
    const tried = packets.map(({ source, destination, family, ...rest }) => ({
      ...craftPacket({
        ...rest,
        source: { family, bytes: source, zone: '' },
        destination: { family, bytes: destination, zone: '' },
        flags: 2,
        data: new Uint8Array(),
      }),
      ifindex: 1,
    }));
    const expected = packets.map((packet) => evaluate(policy, packet).verdict);
    for (const [name, filter] of Object.entries(filters)) {
      const verdicts = runTrial(ops.bpf(), filter, tried).map((kept) => (kept === 0 ? 'deny' : 'allow'));
      const wrong = verdicts.findIndex((verdict, i) => verdict !== expected[i]);
      expect(verdicts[wrong], `${name}, packet ${wrong}: ${JSON.stringify(packets[wrong])}`).toBe(
        expected[wrong],
      );
    }
    // Were nearly all of them denied, agreement would say little.
    for (const verdict of ['allow', 'deny'])
      expect(expected.filter((each) => each === verdict).length).toBeGreaterThan(PACKETS / 10);
  });
});
