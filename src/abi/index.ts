/**
 * Room: abi. Pure.
 *
 * Owns what a compiled filter says about itself (ELF, BTF) and how map entries are written by hand and laid out in
 * bytes. Its counterpart in C is ebpf/include/alf/types.h: the names of the structs there select the codecs here.
 *
 * In: the bytes of an object, the text of an entry. Out: ObjectSpec, Entry. Never touches a kernel or a file.
 */
export type { CodecContext } from './codec.js';
export { type Entry, type EntryText, encodeEntry, findMap, hasSlots, parseEntry, toHex } from './entry.js';
export { describeObject, type MapKind, type MapSpec, type ObjectSpec } from './object-spec.js';
export { encodePolicy, type Image, PAGE_BYTES } from './policy/index.js';
