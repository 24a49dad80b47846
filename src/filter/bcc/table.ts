import { constants } from 'node:os';
import { describeBccTable } from '../../bpf/object/index.js';
import {
  type CodecContext,
  formatValue,
  isPerCpu,
  type MapSpec,
  parseValue,
  perCpuStride,
  type ValueType,
  valueOfEveryCpu,
} from '../../bpf/values/index.js';
import { AlfError, quote } from '../../errors/index.js';
import { type BccTable, check, type Ops, type Status } from '../../kernel/index.js';
import { findInterface } from '../../kernel/probe/index.js';
import { hostIsLittleEndian } from '../../net/index.js';

const ENOENT = -constants.errno.ENOENT;

/** What a table is. */
export interface TableDescription {
  readonly name: string;
  /** `hash`, `array`, `lpm_trie`, …: BPF_MAP_TYPE_* in lower case. */
  readonly kind: string;
  /** The C type of a key and of a value, as far as BCC tells it: `struct index`, `unsigned int`. */
  readonly key: string;
  readonly value: string;
  /** libbcc's own words for them, in JSON. */
  readonly keyDescriptor: string;
  readonly valueDescriptor: string;
  /** In bytes; 0 where the kind has no keys. */
  readonly keySize: number;
  /** In bytes, of one CPU. */
  readonly valueSize: number;
  readonly maxEntries: number;
  /** BPF_F_* as declared. */
  readonly flags: number;
}

/** Bytes of the C type, numbers in the byte order of this machine; or text in the notation of `--set`. */
export type Written = Uint8Array | string;

/**
 * A table of a compiled module, which is a map in the kernel. It can be used until its module is closed.
 *
 * What is written by hand is refused with ALF_ENTRY or ALF_ADDRESS if it does not fit the type; every method throws
 * AlfError ALF_MAP, with the kernel's errno, if the kernel refuses.
 */
export class Table {
  readonly #ops: Ops;
  readonly #table: BccTable;
  readonly #checkOpen: () => void;
  readonly #cpus: () => number;
  /** What entries are made of. */
  readonly spec: MapSpec;

  /** @param checkOpen throws once the module is closed */
  constructor(ops: Ops, table: BccTable, checkOpen: () => void) {
    this.#ops = ops;
    this.#table = table;
    this.#checkOpen = checkOpen;
    this.#cpus = once(() => check(ops.bpf().possibleCpus(), 'ALF_MAP', 'count the CPUs'));
    this.spec = describeBccTable(table);
  }

  get name(): string {
    return this.spec.name;
  }

  /** Descriptor of the map; it belongs to the module. */
  get fd(): number {
    this.#checkOpen();
    return this.#table.fd;
  }

  /** What it is: kind, types, sizes. */
  describe(): TableDescription {
    const { keyDescriptor, leafDescriptor, keySize, leafSize, flags } = this.#table;
    const { name, kind, key, value, maxEntries } = this.spec;
    return {
      ...{ name, kind, key: key.spelling, value: value.spelling },
      ...{ keyDescriptor, valueDescriptor: leafDescriptor },
      ...{ keySize, valueSize: leafSize, maxEntries, flags },
    };
  }

  /**
   * Creates or replaces an entry.
   *
   * @param key for a queue, a stack or a bloom filter: of no bytes
   * @param value of a per-CPU map what every CPU gets, or bytes for all of them, for each in a multiple of 8
   */
  update(key: Written, value: Written): void {
    const [keyBytes, valueBytes] = [this.#keyBytes(key), this.#valueBytes(value)];
    this.#check(this.#ops.bpf().mapUpdate(this.fd, keyBytes, valueBytes), 'set an entry of');
  }

  /** The value of a key, undefined if there is none; of a per-CPU map the values of all CPUs. */
  lookup(key: Written): Uint8Array | undefined {
    const value = new Uint8Array(this.#valueSize());
    const status = this.#ops.bpf().mapLookup(this.fd, this.#keyBytes(key), value);
    if (status === ENOENT) return undefined;
    this.#check(status, 'read an entry of');
    return value;
  }

  /** Deletes an entry. @returns whether there was one; entries of an array cannot be deleted */
  delete(key: Written): boolean {
    const status = this.#ops.bpf().mapDelete(this.fd, this.#keyBytes(key));
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
      const status = this.#ops.bpf().mapNextKey(this.fd, last, key);
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

  /** A key as `update` takes it in text. */
  formatKey(key: Uint8Array): string {
    this.#checkSize('key', key, this.#table.keySize);
    return formatValue(this.spec.key, key, this.#context());
  }

  /** A value, of one CPU, as `update` takes it in text. */
  formatValue(value: Uint8Array): string {
    this.#checkSize('value', value, this.#table.leafSize);
    return formatValue(this.spec.value, value, this.#context());
  }

  #keyBytes(key: Written): Uint8Array {
    const bytes = typeof key === 'string' ? this.#parse(this.spec.key, key) : key;
    this.#checkSize('key', bytes, this.#table.keySize);
    return bytes;
  }

  #valueBytes(value: Written): Uint8Array {
    const bytes = typeof value === 'string' ? this.#parse(this.spec.value, value) : value;
    if (bytes.length === this.#valueSize()) return bytes;
    this.#checkSize('value', bytes, this.#table.leafSize);
    return valueOfEveryCpu(bytes, this.#cpus());
  }

  #valueSize(): number {
    const { leafSize } = this.#table;
    return isPerCpu(this.spec.kind) ? perCpuStride(leafSize) * this.#cpus() : leafSize;
  }

  #parse(type: ValueType, text: string): Uint8Array {
    return parseValue(type, text, this.#context());
  }

  #context(): CodecContext {
    const { core } = this.#ops;
    return {
      interfaceIndex: (name) => findInterface(core, name)?.index,
      interfaceName: (index) => findInterface(core, index)?.name,
      warn: () => undefined,
      littleEndian: hostIsLittleEndian(),
    };
  }

  #checkSize(part: string, given: Uint8Array, size: number): void {
    if (given.length === size) return;
    const message = `a ${part} of table ${quote(this.name)} has ${size} bytes, not ${given.length}`;
    throw new AlfError('ALF_ENTRY', message);
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

function once<T>(find: () => T): () => T {
  let found: T | undefined;
  return () => {
    found ??= find();
    return found;
  };
}
