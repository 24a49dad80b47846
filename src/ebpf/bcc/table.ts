import { AlfError, quote } from '../../errors/index.js';
import { type BccTable, type BpfOps, check, type Status } from '../../native/index.js';

/** The kinds of maps that BCC knows, by BPF_MAP_TYPE_* number. */
const KINDS: Readonly<Record<number, string>> = {
  1: 'hash',
  2: 'array',
  3: 'prog_array',
  4: 'perf_event_array',
  5: 'percpu_hash',
  6: 'percpu_array',
  7: 'stack_trace',
  8: 'cgroup_array',
  9: 'lru_hash',
  10: 'lru_percpu_hash',
  11: 'lpm_trie',
  12: 'array_of_maps',
  13: 'hash_of_maps',
  14: 'devmap',
  15: 'sockmap',
  16: 'cpumap',
  17: 'xskmap',
  18: 'sockhash',
  19: 'cgroup_storage',
  20: 'reuseport_sockarray',
  22: 'queue',
  23: 'stack',
  24: 'sk_storage',
  25: 'devmap_hash',
  27: 'ringbuf',
  28: 'inode_storage',
  29: 'task_storage',
  30: 'bloom_filter',
};

/** Maps whose entries have a value for every possible CPU. */
const PER_CPU = ['percpu_hash', 'percpu_array', 'lru_percpu_hash'];

const ENOENT = -2;

/** Values of a per-CPU map begin at multiples of this. */
const PER_CPU_ALIGNMENT = 8;

/** What a table is. */
export interface TableDescription {
  readonly name: string;
  /** `hash`, `array`, `lpm_trie`, …: BPF_MAP_TYPE_* in lower case. */
  readonly kind: string;
  /** The type of a key as BCC describes it: `"unsigned int"`, or `["name", [["member", TYPE], …], "struct"]`. */
  readonly key: unknown;
  readonly value: unknown;
  /** In bytes; 0 where the kind has no keys. */
  readonly keySize: number;
  /** In bytes, of one CPU. */
  readonly valueSize: number;
  readonly maxEntries: number;
  /** BPF_F_* as declared. */
  readonly flags: number;
}

/**
 * A table of a compiled module, which is a map in the kernel.
 *
 * Keys and values are the bytes of the C types, numbers in the byte order of this machine. It can be used until its module is
 * closed. Every method throws AlfError ALF_MAP, with the kernel's errno, if the kernel refuses.
 */
export class Table {
  readonly #bpf: BpfOps;
  readonly #table: BccTable;
  readonly #checkOpen: () => void;
  #cpus: number | undefined;

  /** @param checkOpen throws once the module is closed */
  constructor(bpf: BpfOps, table: BccTable, checkOpen: () => void) {
    this.#bpf = bpf;
    this.#table = table;
    this.#checkOpen = checkOpen;
  }

  get name(): string {
    return this.#table.name;
  }

  /** Descriptor of the map; it belongs to the module. */
  get fd(): number {
    this.#checkOpen();
    return this.#table.fd;
  }

  /** What it is: kind, types, sizes. */
  describe(): TableDescription {
    const { name, type, key, leaf, keySize, leafSize, maxEntries, flags } = this.#table;
    return {
      ...{ name, kind: KINDS[type] ?? `type ${type}`, key: parseType(key), value: parseType(leaf) },
      ...{ keySize, valueSize: leafSize, maxEntries, flags },
    };
  }

  /**
   * Creates or replaces an entry.
   *
   * @param key for a queue, a stack or a bloom filter: of no bytes
   * @param value of a per-CPU map one for every possible CPU, each in a multiple of 8 bytes
   */
  update(key: Uint8Array, value: Uint8Array): void {
    this.#checkSize('key', key, this.#table.keySize);
    this.#checkSize('value', value, this.#valueBytes());
    this.#check(this.#bpf.mapUpdate(this.fd, key, value), 'set an entry of');
  }

  /** The value of a key, undefined if there is none. */
  lookup(key: Uint8Array): Uint8Array | undefined {
    this.#checkSize('key', key, this.#table.keySize);
    const value = new Uint8Array(this.#valueBytes());
    const status = this.#bpf.mapLookup(this.fd, key, value);
    if (status === ENOENT) return undefined;
    this.#check(status, 'read an entry of');
    return value;
  }

  /** Deletes an entry. @returns whether there was one; entries of an array cannot be deleted */
  delete(key: Uint8Array): boolean {
    this.#checkSize('key', key, this.#table.keySize);
    const status = this.#bpf.mapDelete(this.fd, key);
    if (status === ENOENT) return false;
    this.#check(status, 'delete an entry of');
    return true;
  }

  /**
   * The keys there are at the moment. What a filter adds or deletes meanwhile may or may not be among them; a key that is
   * deleted under the walk makes the kernel start over, so that others may come twice.
   */
  keys(): Uint8Array[] {
    const keys: Uint8Array[] = [];
    for (let last: Uint8Array | undefined; keys.length < this.#table.maxEntries; ) {
      const key = new Uint8Array(this.#table.keySize);
      const status = this.#bpf.mapNextKey(this.fd, last, key);
      if (status === ENOENT) break;
      this.#check(status, 'walk through');
      keys.push(key);
      last = key;
    }
    return keys;
  }

  /** Keys with their values, as `keys` finds them; what is gone by the time its value is read is left out. */
  *[Symbol.iterator](): Generator<[key: Uint8Array, value: Uint8Array]> {
    for (const key of this.keys()) {
      const value = this.lookup(key);
      if (value !== undefined) yield [key, value];
    }
  }

  #valueBytes(): number {
    const { type, leafSize } = this.#table;
    if (!PER_CPU.includes(KINDS[type] ?? '')) return leafSize;
    this.#cpus ??= check(this.#bpf.possibleCpus(), 'ALF_MAP', 'count the CPUs');
    return Math.ceil(leafSize / PER_CPU_ALIGNMENT) * PER_CPU_ALIGNMENT * this.#cpus;
  }

  #checkSize(part: string, given: Uint8Array, size: number): void {
    if (given.length === size) return;
    throw new AlfError(
      'ALF_ENTRY',
      `a ${part} of table ${quote(this.name)} has ${size} bytes, not ${given.length}`,
    );
  }

  #check(status: Status, verb: string): void {
    check(status, 'ALF_MAP', `${verb} table ${quote(this.name)}`, {
      E2BIG: 'the table is full, or the key is outside the array',
      ENOSPC: 'the table is full',
      ENOTSUP: 'tables of its kind do not allow this',
      EINVAL: 'tables of its kind do not allow this',
    });
  }
}

/** A type as libbcc describes it. It writes JSON, but for what it does not know. */
function parseType(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
