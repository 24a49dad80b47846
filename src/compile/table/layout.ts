import { ENTRY } from '../../bpf/object/index.js';

/**
 * The numbers of `ebpf/include/alf/policy.h`. That header is the truth; a test compares these with the types in the
 * compiled object.
 */

/** Changes whenever a program and an image of different versions would misread each other. */
export const ABI = 4;

/** The program of `ebpf/policy.c` for sockets that the target opens: packets of connected UDP sockets pass. */
export const ENTRY_INTERCEPTED = 'filter_intercepted';

const IN_PLACE = '_in_place';

/**
 * The program that decides as another one of `ebpf/policy.c` and reads packets where they lie. It has to be filled in before it
 * is loaded (`ebpf/include/alf/kernel.h`), and needs CAP_PERFMON and Linux 6.2; the other one needs neither.
 */
export function inPlace(entry: string): string {
  return `${entry}${IN_PLACE}`;
}

/** The program in place of `filter`. */
export const ENTRY_IN_PLACE = inPlace(ENTRY);

/** The program that decides as one that reads packets in place, and copies them; undefined for any other. */
export function copying(entry: string): string | undefined {
  return entry.endsWith(IN_PLACE) ? entry.slice(0, -IN_PLACE.length) : undefined;
}

/** Cells of 8 bytes in a page. */
export const PAGE_CELLS = 32768;
/** Bytes of a page. */
export const PAGE_BYTES = PAGE_CELLS * 8;

/** Rules a policy can have. */
export const MAX_RULES = 4096;
/** 64-bit words of a row without its summary. */
export const ROW_WORDS = MAX_RULES / 64;
/** Cells of a list. */
export const MAX_LIST = 4096;
/** Cells of a list that are read at once, wherever in the list they begin. */
export const SHORT_LIST = 4;

/** Counters of one bank: the default, then each rule. */
export const COUNTER_BANK = MAX_RULES + 1;

/** Pages an image may have, and the number of slots of a bank: 512 MiB. A policy that needs more is refused. */
export const BANK_PAGES = 2048;

/** The fields that a rule can match, in the order of `enum alf_field`. */
export const Field = {
  source4: 0,
  source6: 1,
  destination4: 2,
  destination6: 3,
  interface: 4,
  protocol: 5,
  sourcePort: 6,
  destinationPort: 7,
} as const;

/** A field by its number. */
export type Field = (typeof Field)[keyof typeof Field];

/** The kinds of reference, `enum alf_tag`. */
export const Tag = { final: 0, row: 1, list: 2, index: 3, nextList: 4, nextIndex: 5, wideIndex: 6 } as const;

/** `struct alf_header` as offsets in 32-bit words of the image. */
export const Header = {
  abi: 0,
  counters: 1,
  fields: 2,
  otherwise: 3,
  broken: 4,
  zero: 6,
  roots: 16,
  allow: 144,
  any: 272,
  end: 402,
} as const;

/** `struct alf_root` as offsets in 32-bit words. */
export const Root = { ref: 0, presence: 1, presenceShift: 2, absent: 3, index: 4, size: 16 } as const;

/** `struct alf_index` as offsets in 32-bit words. */
export const Index = { base: 0, span: 1, shift: 2, slots: 3, below: 4, above: 5, size: 8 } as const;

/** `struct alf_slot` as offsets in 32-bit words. */
export const Slot = { even: 0, odd: 1, edges: 2, size: 8 } as const;
/** Edges of a slot. */
export const SLOT_EDGES = 6;

/** `struct alf_wide_slot` as offsets in 32-bit words; edges have 64 bits. */
export const WideSlot = { even: 0, odd: 1, edges: 2, size: 16 } as const;
/** Edges of a wide slot. */
export const WIDE_SLOT_EDGES = 7;

/** Where the root of a field is, in 32-bit words of the image. */
export function rootAt(field: Field): number {
  return Header.roots + field * Root.size;
}
