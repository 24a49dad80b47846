import {
  type CodecContext,
  type Entry,
  encodeEntry,
  type MapSpec,
  parseEntry,
  toHex,
} from '../../../src/bpf/values/index.js';
import { mapOf } from './objects.js';

const INTERFACES: ReadonlyMap<string, number> = new Map([
  ['lo', 1],
  ['eth0', 2],
]);

/** A machine with the interfaces lo (1) and eth0 (2). */
export function machine(littleEndian = true): CodecContext & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return {
    interfaceIndex: (name) => INTERFACES.get(name),
    interfaceName: (index) => [...INTERFACES].find(([, value]) => value === index)?.[0],
    warn: (message) => warnings.push(message),
    littleEndian,
    warnings,
  };
}

/** Encodes `KEY,VALUE` for a map. */
export function encode(map: MapSpec, text: string, context: CodecContext = machine()): Entry {
  return encodeEntry(map, parseEntry(`${map.name},${text}`), context);
}

/** The bytes, in hexadecimal digits, of a value of a type. */
export function encodeValue(type: string, text: string, context: CodecContext = machine()): string {
  return toHex(encode(mapOf('array', 'u32', type), `0,${text}`, context).value);
}
