/**
 * Room: compile/table. Pure.
 *
 * Owns the byte image of a policy: how ordered rules become search trees, equivalence classes and rows of bits in flat
 * memory, laid out for `ebpf/policy.c`, and how that program reads them. Knows nothing of maps, files or sockets.
 *
 * In: Policy. Out: pages of bytes, each to be an array map's only element, put in force together
 * (`ebpf/include/alf/policy_maps.h` says how).
 */
export { changeAddresses, type PageWrite } from './change.js';
export { encodePolicy } from './encode.js';
export type { EncodeOptions } from './fields.js';
export { Image } from './image.js';
export {
  BANK_PAGES,
  COUNTER_BANK,
  copying,
  ENTRY_IN_PLACE,
  ENTRY_INTERCEPTED,
  Field,
  inPlace,
  MAX_RULES,
  PAGE_BYTES,
} from './layout.js';
export { lookup } from './lookup.js';
export type { Decision } from './reference.js';
