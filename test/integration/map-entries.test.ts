import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeObject } from '../../src/bpf/object/index.js';
import { formatEntry, type MapSpec, toHex, whyNotSettable } from '../../src/bpf/values/index.js';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, start } from '../support/run.js';
import { bytesOf } from '../support/value-types.js';
import { machine } from '../unit/support/entries.js';
import { fixtureType, typesObject } from '../unit/support/fixture-types.js';

interface Dumped {
  readonly key: unknown;
  readonly value?: unknown;
  readonly values?: readonly { readonly value: unknown }[];
  readonly formatted?: Dumped;
}

type Shown = readonly (readonly [key: unknown, values: unknown])[];

/** What bpftool says of the maps of a program, by their names. */
function dump(program: string): Record<string, Dumped[]> {
  const bpftool = (...argv: string[]) =>
    JSON.parse(execFileSync('bpftool', ['-j', ...argv], { encoding: 'utf8' }));
  const maps: { id: number; name: string }[] = bpftool('prog', 'show', 'id', program).map_ids.map(
    (id: number) => bpftool('map', 'show', 'id', String(id)),
  );
  return Object.fromEntries(maps.map(({ id, name }) => [name, bpftool('map', 'dump', 'id', String(id))]));
}

/** Keys and values as the kernel's own types show them. */
function shown(maps: Record<string, Dumped[]>): Record<string, Shown> {
  const show = ({ key, value, values }: Dumped) => [key, values?.map((cpu) => cpu.value) ?? value] as const;
  return Object.fromEntries(
    Object.entries(maps).map(([name, entries]) => [
      name,
      entries.map((entry) => show(entry.formatted ?? entry)),
    ]),
  );
}

const bytes = (digits: unknown) => Uint8Array.from(digits as string[], Number);

/** The entries as alfwrapper writes what the kernel has: for a command line. */
function written(maps: Record<string, Dumped[]>): string[] {
  return describeObject(typesObject()).maps.flatMap((map) =>
    (maps[map.name] ?? []).map((entry) => {
      const value = bytes(entry.value ?? entry.values?.[0]?.value);
      const texts = formatEntry(map, { key: bytes(entry.key), value }, machine());
      return `${map.name},${texts.key},${texts.value}`;
    }),
  );
}

/** How many entries a map keeps: one of the LRU kinds may drop some before it is full. */
const sure = ({ kind, maxEntries }: MapSpec) => (kind.startsWith('lru_') ? 1 : maxEntries);

/** The same bytes, whatever order a hash has them in. */
const sorted = (maps: Record<string, Dumped[]>) =>
  Object.entries(maps)
    .map(([name, entries]) => [name, entries.map((entry) => JSON.stringify(entry)).sort()] as const)
    .sort();

const ENTRIES = [
  'alf_sessions,{a=1;b=2},{src=1.2.3.4;dst=4.3.2.1;port=80;length=2;sequence=3;mac=02:00:5e:00:53:01;device=lo}',
  'alf_sessions,{3;4},{cookie=ab;name="a\\x2cb";mark=x;open=true;color=BLUE;tiny=ON;pairs={{1;2};{3;4}}}',
  'alf_sessions,{5;6},{grid={{1;2;3};{}};offset=-5;x=-1;y=-2;net=2001:db8::/32;peer=::1;wide=0x10;size=4294967296}',
  'alf_mixed,GREEN,{1;hex:0100000000000008}',
  'alf_unnamed,3,hex:0100000002000000',
  'alf_bits,4294967296,hex:ffffffff',
  'alf_counters,1.2.3.4,{packets=7}',
  'alf_slots,2,9',
  'alf_words,80,number:7',
  'alf_pointers,5,hex:0700000000000000',
  'alf_sizes,hex:0102030405060708,hex:0a0b0c0d',
];

const zeros = (count: number) => Array(count).fill(0);

const SESSION = {
  ...{
    src: 0,
    dst: 0,
    port: 0,
    length: 0,
    sequence: 0,
    mac: zeros(6),
    gateway: zeros(6),
    many: [0, 0],
    device: 0,
  },
  ...{ cookie: zeros(4), name: '', mark: 0, open: false, color: 'RED', size: 'SMALL', tiny: 'OFF' },
  ...{
    pairs: [
      { a: 0, b: 0 },
      { a: 0, b: 0 },
    ],
    grid: [zeros(3), zeros(3)],
    offset: 0,
    '': { x: 0, y: 0 },
  },
  ...{ net: { prefixlen: 0, address: { bytes: zeros(16) } }, peer: zeros(16), wide: '0x0' },
};

/** The value of every CPU. */
const everywhere = (value: unknown) =>
  expect.toSatisfy((values: unknown) => {
    expect(values).toEqual(Array((values as unknown[]).length).fill(value));
    return (values as unknown[]).length > 0;
  });

describeWith(['root', 'bpf', 'netns', 'bpftool'], '--set', () => {
  const { server } = makeNetwork();

  /** What is in the maps of a filter that was started with these entries. */
  async function dumpWith(entries: readonly string[]): Promise<Record<string, Dumped[]>> {
    const words = entries.flatMap((entry) => ['--set', entry]);
    const command = [installed('alfwrapper'), '-v', '--port', '0', ...words, fixture('types.bpf.o')];
    const daemon = start([...server, ...command, 'sleep', '30']);
    const [, program = ''] = await daemon.until(/filter types \(program (\d+)\)/);
    try {
      return dump(program);
    } finally {
      await daemon.kill();
    }
  }

  it('puts into the kernel what bpftool finds there, for every type', async () => {
    const maps = shown(await dumpWith(ENTRIES));

    const sessions = maps['alf_sessions'] ?? [];
    const session = (a: number) => sessions.find(([key]) => (key as { a: number }).a === a)?.[1];
    expect(sessions).toHaveLength(3);
    // Numbers as this machine, which is little-endian, reads what is in network byte order.
    expect(session(1)).toEqual({
      ...SESSION,
      ...{ src: 0x04030201, dst: 0x01020304, port: 80 << 8, length: 2 << 8, sequence: 3 },
      ...{ mac: [2, 0, 0x5e, 0, 0x53, 1], device: 1 },
    });
    expect(session(3)).toEqual({
      ...SESSION,
      ...{ cookie: [97, 98, 0, 0], name: 'a,b', mark: 120, open: true, color: 'BLUE', tiny: 'ON' },
      pairs: [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    });
    expect(session(5)).toMatchObject({
      ...{ grid: [[1, 2, 3], zeros(3)], offset: -5, '': { x: -1, y: -2 }, wide: '0x10' },
      net: { prefixlen: 32, address: { bytes: [0x20, 1, 0x0d, 0xb8, ...zeros(12)] } },
      peer: [...zeros(15), 1],
    });

    expect(maps['alf_mixed']).toEqual([
      ['GREEN', { kind: 1, value: { number: 1, bytes: [1, ...zeros(6), 8] } }],
    ]);
    expect(maps['alf_unnamed']?.[3]).toEqual([3, { kind: 1, '': { small: 2, large: 2 } }]);
    expect(maps['alf_bits']?.[0]?.[1]).toEqual({ low: '0x7', high: '0x1fffffff' });
    expect(maps['alf_counters']).toEqual([[0x04030201, everywhere({ packets: 7, bytes: 0 })]]);
    expect(maps['alf_slots']?.slice(1, 3)).toEqual([
      [1, everywhere(0)],
      [2, everywhere(9)],
    ]);
    expect(maps['alf_words']).toEqual([[80 << 8, everywhere(7)]]);
    expect(maps['alf_sizes']).toEqual([
      [
        ['0x01', '0x02', '0x03', '0x04', '0x05', '0x06', '0x07', '0x08'],
        ['0x0a', '0x0b', '0x0c', '0x0d'],
      ],
    ]);
  });

  it('puts there again what is read back and written', async () => {
    const found = await dumpWith(ENTRIES);
    const entries = written(found);
    // clang 14 does not write down the values of an enumeration of 64 bits.
    const large = fixtureType('alf_bits.key').kind === 'enum' ? 'HUGE' : '4294967296';
    // What is there has text, but for what no text stands for: no interface has the index 0.
    const inBytes = entries.filter((entry) => entry.replaceAll('device=hex:00000000', '').includes('hex:'));
    expect(inBytes.sort()).toEqual([
      `alf_bits,${large},hex:ffffffff`,
      'alf_mixed,GREEN,{kind=1;value=hex:0100000000000008}',
      'alf_pointers,5,hex:0700000000000000',
      'alf_sizes,hex:0102030405060708,hex:0a0b0c0d',
      ...['0', '1', '2'].map((key) => `alf_unnamed,${key},hex:0000000000000000`),
      'alf_unnamed,3,hex:0100000002000000',
    ]);
    expect(sorted(await dumpWith(entries))).toEqual(sorted(found));
  });

  it('puts there again what is read back of any bytes', async () => {
    const { maps } = describeObject(typesObject());
    const any = maps
      .filter((map) => whyNotSettable(map) === undefined)
      .flatMap((map) =>
        fc.sample(bytesOf(map.value.size), sure(map)).map((value, i) => {
          const key = new Uint8Array(map.key.size).fill(i, 0, 1);
          return `${map.name},hex:${toHex(key)},hex:${toHex(value)}`;
        }),
      );
    const found = await dumpWith(any);
    expect(Object.values(found).flat()).toHaveLength(any.length);
    expect(sorted(await dumpWith(written(found)))).toEqual(sorted(found));
  });
});
