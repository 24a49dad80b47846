/**
 * Room: bpf/values. Pure.
 *
 * Owns typed map entries: the types that keys and values can have, how values of each type are written by hand, and their
 * bytes. Its counterpart in C is ebpf/include/alf/types.h: the names of the structs there select the codecs here.
 *
 * In: a MapSpec, the text of an entry. Out: Entry; from bytes, the text. Knows nothing of where a type was declared.
 */
export type { CodecContext } from './codec.js';
export {
  type Entry,
  type EntryText,
  type EntryTexts,
  encodeEntry,
  findMap,
  formatEntry,
  hasSlots,
  parseEntry,
  whyNotSettable,
} from './entry.js';
export { toHex } from './hex.js';
export { isArrayKind, isPerCpu, type MapKind, mapKind } from './map-kind.js';
export type { MapSpec } from './map-spec.js';
export { isNotation, NOTATIONS, type Notation } from './notation.js';
export { isInHostOrder, notationCodec } from './notation-codec.js';
export { perCpuStride, valueOfEveryCpu } from './per-cpu.js';
export { namedNotation, notationOfName } from './type-names.js';
export { codecOf, formatValue, parseValue } from './value-text.js';
export {
  areUnique,
  arrayType,
  describeType,
  type Enumerator,
  isIdentifier,
  opaqueType,
  type RawMember,
  structType,
  type ValueType,
} from './value-type.js';
