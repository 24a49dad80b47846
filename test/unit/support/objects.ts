import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MapKind, MapSpec, ObjectSpec } from '../../../src/abi/index.js';

/** The repository's directory, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The shipped filters. */
export const SHIPPED = ['interfaces', 'knocking', 'subnets', 'whitelist', 'whitelist-private'] as const;

/** The compiled object of a shipped filter. */
export function shippedObject(name: (typeof SHIPPED)[number]): Uint8Array {
  return readFileSync(`${ROOT}build/ebpf/${name}.bpf.o`);
}

/** A type as an object's BTF would describe it: `u32`, `s8`, `subnet4`, … */
export function typeOf(name: string): MapSpec['key'] {
  const [, sign, bits] = /^([us])(\d+)$/.exec(name) ?? [];
  if (bits !== undefined) return { kind: 'int', name, size: Number(bits) / 8, signed: sign === 's' };
  const sizes: Record<string, number> = {
    address4: 4,
    address6: 16,
    subnet4: 8,
    subnet6: 20,
    interface: 4,
    portnumber: 2,
    index: 4,
  };
  return { kind: 'struct', name, size: sizes[name] ?? 12, members: [] };
}

/** A map named `map`, by the names of its types. */
export function mapOf(kind: MapKind, key: string, value: string, maxEntries = 8): MapSpec {
  return { name: 'map', kind, maxEntries, key: typeOf(key), value: typeOf(value) };
}

/** An object with these maps. */
export function objectOf(...maps: readonly MapSpec[]): ObjectSpec {
  return { entry: 'filter', maps, littleEndian: true };
}
