import { expect, it, onTestFinished } from 'vitest';
import { loadLibrary, type Module, openReceiver } from '../support/bcc.js';
import { describeWith } from '../support/requires.js';

/** A number of 4 or of 8 bytes. */
const u32 = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
const u64 = (value: number) => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
const NO_KEY = new Uint8Array();

/** A filter that lets a packet through when its table says so; how it comes to say so. */
interface Case {
  readonly kind: string;
  readonly source: string;
  /** Makes the table allow. */
  readonly allow: (module: Module) => void;
  /** What the table then holds; undefined where it cannot be walked through. */
  readonly entries?: readonly (readonly [Uint8Array, Uint8Array])[];
}

/** A filter with a table of keys and values, which allows what has the value 7 under the key 3. */
const KEYED = (declaration: string) => `${declaration}
uint32_t filter(struct __sk_buff *skb) {
  u32 key = 3;
  u64 *value = table.lookup(&key);
  return value && *value == 7 ? -1 : 0;
}`;

/** Every possible CPU has the value. */
const onEveryCpu = (module: Module, value: number) => {
  const table = module.table('table');
  const cpus = (table.lookup(u32(3))?.length ?? 0) / 8;
  return new Uint8Array(BigUint64Array.from({ length: cpus }, () => BigInt(value)).buffer);
};

const setKeyed = (module: Module) => module.table('table').update(u32(3), u64(7));
const ONE = [[u32(3), u64(7)]] as const;
const OF_FOUR = [0, 1, 2, 3].map((i) => [u32(i), u64(i === 3 ? 7 : 0)] as const);

const CASES: readonly Case[] = [
  { kind: 'hash', source: KEYED('BPF_TABLE("hash", u32, u64, table, 4);'), allow: setKeyed, entries: ONE },
  {
    kind: 'array',
    source: KEYED('BPF_TABLE("array", u32, u64, table, 4);'),
    allow: setKeyed,
    entries: OF_FOUR,
  },
  {
    kind: 'lru_hash',
    source: KEYED('BPF_TABLE("lru_hash", u32, u64, table, 4);'),
    allow: setKeyed,
    entries: ONE,
  },
  {
    kind: 'percpu_array',
    source: KEYED('BPF_TABLE("percpu_array", u32, u64, table, 4);'),
    allow: (module) => module.table('table').update(u32(3), onEveryCpu(module, 7)),
  },
  ...['percpu_hash', 'lru_percpu_hash'].map((kind) => ({
    kind,
    source: `BPF_TABLE("percpu_array", u32, u64, like, 4);
      ${KEYED(`BPF_TABLE("${kind}", u32, u64, table, 4);`)}`,
    allow: (module: Module) => {
      const cpus = (module.table('like').lookup(u32(0))?.length ?? 0) / 8;
      const value = new Uint8Array(BigUint64Array.from({ length: cpus }, () => 7n).buffer);
      module.table('table').update(u32(3), value);
    },
  })),
  {
    kind: 'lpm_trie',
    source: `struct prefix { u32 length; u8 bytes[4]; };
      BPF_F_TABLE("lpm_trie", struct prefix, u64, table, 4, BPF_F_NO_PREALLOC);
      uint32_t filter(struct __sk_buff *skb) {
        struct prefix key = { 32, { 10, 1, 2, 3 } };
        u64 *value = table.lookup(&key);
        return value && *value == 7 ? -1 : 0;
      }`,
    allow: (module) => module.table('table').update(Uint8Array.of(8, 0, 0, 0, 10, 0, 0, 0), u64(7)),
    entries: [[Uint8Array.of(8, 0, 0, 0, 10, 0, 0, 0), u64(7)]],
  },
  ...['queue', 'stack'].map((kind) => ({
    kind,
    source: `BPF_${kind.toUpperCase()}(table, u64, 4);
      uint32_t filter(struct __sk_buff *skb) {
        u64 value = 0;
        return table.pop(&value) == 0 && value == 7 ? -1 : 0;
      }`,
    allow: (module: Module) => module.table('table').update(NO_KEY, u64(7)),
  })),
  {
    kind: 'prog_array',
    source: `BPF_PROG_ARRAY(table, 4);
      uint32_t allow(struct __sk_buff *skb) { return -1; }
      uint32_t filter(struct __sk_buff *skb) { table.call(skb, 3); return 0; }`,
    allow: (module) => module.table('table').update(u32(3), u32(module.load('allow').fd)),
  },
  ...['array', 'hash'].map((kind) => ({
    kind: `${kind}_of_maps`,
    source: `BPF_TABLE("hash", u32, u64, inner, 4);
      BPF_TABLE("hash", u32, u64, other, 4);
      BPF_${kind.toUpperCase()}_OF_MAPS(table, ${kind === 'hash' ? 'u32, ' : ''}"inner", 4);
      uint32_t filter(struct __sk_buff *skb) {
        u32 key = 3;
        void *map = table.lookup(&key);
        u64 *value = map ? bpf_map_lookup_elem(map, &key) : 0;
        return value && *value == 7 ? -1 : 0;
      }`,
    allow: (module: Module) => {
      module.table('other').update(u32(3), u64(7));
      module.table('table').update(u32(3), u32(module.table('other').fd));
    },
  })),
  {
    kind: 'ringbuf',
    source: `BPF_RINGBUF_OUTPUT(table, 1);
      BPF_ARRAY(open, u64, 1);
      uint32_t filter(struct __sk_buff *skb) {
        u32 key = 0;
        u64 *value = open.lookup(&key);
        return value && *value && table.ringbuf_output(value, sizeof(*value), 0) == 0 ? -1 : 0;
      }`,
    allow: (module) => module.table('open').update(u32(0), u64(1)),
  },
  {
    kind: 'perf_event_array',
    source: `BPF_PERF_OUTPUT(table);
      BPF_ARRAY(open, u64, 1);
      uint32_t filter(struct __sk_buff *skb) {
        u32 key = 0;
        u64 *value = open.lookup(&key);
        // Nobody has put an event there to be written to.
        return value && *value && table.perf_submit(skb, value, sizeof(*value)) < 0 ? -1 : 0;
      }`,
    allow: (module) => module.table('open').update(u32(0), u64(1)),
  },
];

describeWith(['root', 'bpf', 'bcc'], 'tables in the dialect of BCC', () => {
  it.each(CASES)('$kind decides on packets', async ({ kind, source, allow, entries }) => {
    const { compile } = await loadLibrary();
    const module = compile({ file: `${kind}.c`, text: source });
    onTestFinished(() => module.close());
    expect(module.table('table').describe()).toMatchObject({ name: 'table', kind });
    const receiver = await openReceiver();
    module.load().attach(receiver.fd);

    await receiver.send('denied');
    allow(module);
    await receiver.send('allowed');
    expect(await receiver.next()).toBe('allowed');
    if (entries !== undefined) expect([...module.table('table')]).toEqual(entries);
  });

  it('are walked through, read, changed and emptied', async () => {
    const { compile } = await loadLibrary();
    const module = compile({ file: 'hash.c', text: KEYED('BPF_HASH(table, u32, u64, 3);') });
    onTestFinished(() => module.close());
    const table = module.table('table');
    expect(table.keys()).toEqual([]);
    expect(table.lookup(u32(1))).toBeUndefined();
    for (const key of [1, 2, 3]) table.update(u32(key), u64(key * 10));
    table.update(u32(2), u64(99));
    expect(() => table.update(u32(4), u64(1))).toThrow(
      expect.objectContaining({
        code: 'ALF_MAP',
        errno: 'E2BIG',
        message: expect.stringContaining('set an entry of table table'),
      }),
    );
    expect(new Map([...table].map(([key, value]) => [key[0], value[0]]))).toEqual(
      new Map([
        [1, 10],
        [2, 99],
        [3, 30],
      ]),
    );
    expect([table.delete(u32(2)), table.delete(u32(2))]).toEqual([true, false]);
    expect(table.keys()).toHaveLength(2);
  });

  it('refuse keys and values of another size, and what their kind does not allow', async () => {
    const { compile } = await loadLibrary();
    const module = compile({ file: 'array.c', text: KEYED('BPF_ARRAY(table, u64, 3);') });
    onTestFinished(() => module.close());
    const table = module.table('table');
    expect(() => table.update(Uint8Array.of(1), u64(1))).toThrow('a key of table table has 4 bytes, not 1');
    expect(() => table.update(u32(1), u32(1))).toThrow('a value of table table has 8 bytes, not 4');
    expect(() => table.update(u32(3), u64(1))).toThrow(expect.objectContaining({ errno: 'E2BIG' }));
    expect(() => table.delete(u32(1))).toThrow(expect.objectContaining({ code: 'ALF_MAP', errno: 'EINVAL' }));
    expect(() => module.table('tabel')).toThrow(
      expect.objectContaining({ message: 'there is no table tabel', hint: 'its tables are: table' }),
    );
  });
});
