/**
 * Room: bpf/object. Pure.
 *
 * Owns what a compiled filter says about itself: its programs, the one it starts at, its maps with their types, its
 * licence, whether it keeps state. Reads ELF and BTF, and the descriptions that libbcc gives of its tables.
 *
 * In: the bytes of an object, or descriptions of tables. Out: ObjectSpec, MapSpec, FilterTraits. Never touches a kernel
 * or a file.
 */
export { type BccTable, describeBccTable } from './bcc-table.js';
export { ENTRY } from './entry-program.js';
export { describeObject, type ObjectSpec, type ProgramSpec } from './object-spec.js';
export { type FilterTraits, readTraits, traitsOf } from './traits.js';
