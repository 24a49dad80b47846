/**
 * Room: abi. Pure.
 *
 * Owns what a compiled filter says about itself (ELF, BTF) and how map entries are written by hand and laid out in
 * bytes. Its counterpart in C is ebpf/include/alf/types.h: the names of the structs there select the codecs here.
 *
 * In: the bytes of an object, the text of an entry. Out: ObjectSpec, Entry. Never touches a kernel or a file.
 */

export { type BccTable, describeBccTable } from './bcc-table.js';
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
export { ENTRY } from './entry-program.js';
export { toHex } from './hex.js';
export { isArrayKind, isPerCpu, type MapKind, mapKind } from './map-kind.js';
export {
  describeObject,
  type MapSpec,
  type ObjectSpec,
  type ProgramSpec,
} from './object-spec.js';
export { perCpuStride, valueOfEveryCpu } from './per-cpu.js';
export { ENTRY_IN_PLACE, encodePolicy, type Image, PAGE_BYTES } from './policy/index.js';
export { type FilterTraits, readTraits, traitsOf } from './traits.js';
export { codecOf, formatValue, parseValue } from './value-text.js';
export type { ValueType } from './value-type.js';
export { describeType } from './value-type.js';
