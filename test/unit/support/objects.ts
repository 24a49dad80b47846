import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ObjectSpec } from '../../../src/bpf/object/index.js';
import type { MapKind, MapSpec, ValueType } from '../../../src/bpf/values/index.js';
import { namedNotation } from '../../../src/bpf/values/type-names.js';
import { arrayType, structType } from '../../../src/bpf/values/value-type.js';

/** The repository's directory, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The shipped filters. */
export const SHIPPED = ['interfaces', 'knocking', 'subnets', 'whitelist', 'whitelist-private'] as const;

/** The compiled object of a shipped filter. */
export function shippedObject(name: (typeof SHIPPED)[number]): Uint8Array {
  return readFileSync(`${ROOT}build/ebpf/${name}.bpf.o`);
}

/** An unsigned or signed integer: `u32`, `s8`. */
function integer(name: string): ValueType {
  const [sign, bits] = [name.slice(0, 1), Number(name.slice(1))];
  return { kind: 'int', name, spelling: name, size: bits / 8, signed: sign === 's' };
}

const BYTES: Readonly<Record<string, number>> = { address4: 4, address6: 16, subnet4: 4, subnet6: 16 };
const NUMBERS: Readonly<Record<string, string>> = { interface: 'u32', index: 'u32', portnumber: 'u16' };

/** A type by a short name: `u32`, `s8`, and the structs of ebpf/include/alf/types.h. */
export function typeOf(name: string): ValueType {
  if (/^[us]\d+$/.test(name)) return integer(name);
  const bytes = BYTES[name];
  const types = bytes === undefined ? [integer(NUMBERS[name] ?? 'u8')] : [arrayType(integer('u8'), bytes)];
  return structOf(name, ...(name.startsWith('subnet') ? [integer('u32')] : []), ...types);
}

/** A packed struct with members `a`, `b`, … */
export function structOf(name: string, ...types: readonly ValueType[]): ValueType {
  let size = 0;
  const members = types.map((type, i) => {
    size += type.size;
    return { name: String.fromCharCode(97 + i), type, offset: size - type.size, bitField: false };
  });
  return namedNotation(structType(name, `struct ${name}`, size, members));
}

/** A map named `map`, by the names of its types. */
export function mapOf(kind: MapKind, key: string, value: string, maxEntries = 8): MapSpec {
  return { name: 'map', kind, maxEntries, key: typeOf(key), value: typeOf(value) };
}

/** An object with these maps. */
export function objectOf(...maps: readonly MapSpec[]): ObjectSpec {
  return { entry: 'filter', programs: [{ name: 'filter', section: 'socket' }], maps, littleEndian: true };
}
