/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_H
#define ALF_POLICY_H

/*
 * The memory image of a policy: what user space writes and policy.c reads.
 *
 * An image is flat memory in pages of 256 KiB. Pages are elements of BPF arrays of fixed size, whose look-up is inlined.
 * Positions in the image count cells of 8 bytes. Only runs of slots and presence words cross a page. All numbers are in
 * host order.
 *
 * Each field that a rule can match (enum alf_field) has a search tree. It maps a key of 32 bits, or of four times 32 for
 * an IPv6 address, to a result: a decision, or a row with one bit for each rule that this key can match.
 * The rows of all fields are combined by AND. The lowest bit that remains is the rule that decides.
 */

#include <linux/types.h>

/** Incremented if a program and an image of different versions would misread each other. */
#define ALF_POLICY_ABI		4

#define ALF_PAGE_SHIFT		15
#define ALF_PAGE_CELLS		(1 << ALF_PAGE_SHIFT)
#define ALF_PAGE_BYTES		(ALF_PAGE_CELLS * 8)

/** Maximum pages of an image: 512 MiB. Two images alternate, each in its own bank. */
#define ALF_BANK_PAGES		2048

/** Maximum rules of a policy: 64 words of 64 bits, one summary bit for each word. */
#define ALF_MAX_RULES		4096
#define ALF_ROW_WORDS		(ALF_MAX_RULES / 64)

/** Maximum cells of a list, and the bisections to search one. */
#define ALF_LIST_STEPS		12
#define ALF_MAX_LIST		(1 << ALF_LIST_STEPS)

/** Cells that fit on the page after any cell of a list: a program may read as many together. */
#define ALF_SHORT_LIST		4

/** Counters of one bank: the default, then each rule. */
#define ALF_COUNTER_BANK	(ALF_MAX_RULES + 1)
#define ALF_COUNTERS		(2 * ALF_COUNTER_BANK)

/**
 * Counter n is in block n / ALF_COUNTER_BLOCK. The kernel allocates each value of a per-CPU array separately; thousands of
 * allocations took longer than the rest of a start.
 */
#define ALF_COUNTER_BLOCK	64

struct alf_counters {
	__u64 packets[ALF_COUNTER_BLOCK];
};

/*
 * A reference is 3 bits of tag and 29 bits of value.
 *
 * ALF_FINAL decides: the value is the counter (0 for the default, rule + 1 for a rule), plus ALF_FINAL_ALLOW if the
 * verdict is allow. The value of the other tags is the position of a cell. ALF_NEXT_* continue with the next 32 bits of
 * the key. ALF_WIDE_INDEX occurs in roots only. Tags below ALF_LIST end a search.
 */
#define ALF_TAG_SHIFT		29
#define ALF_VALUE_MASK		((1U << ALF_TAG_SHIFT) - 1)
#define ALF_FINAL_ALLOW		(1U << 28)
#define ALF_FINAL_COUNTER	0xffffU

enum alf_tag {
	ALF_FINAL = 0,
	ALF_ROW = 1,
	ALF_LIST = 2,
	ALF_INDEX = 3,
	ALF_NEXT_LIST = 4,
	ALF_NEXT_INDEX = 5,
	ALF_WIDE_INDEX = 6,
};

/** The fields that a rule can match. Each family of an address has its own tree. */
enum alf_field {
	ALF_SOURCE4,
	ALF_SOURCE6,
	ALF_DESTINATION4,
	ALF_DESTINATION6,
	ALF_INTERFACE,
	ALF_PROTOCOL,
	ALF_SOURCE_PORT,
	ALF_DESTINATION_PORT,
	ALF_FIELDS,
};

/**
 * struct alf_cell - one step of a list: keys from `first` up to the next cell have `result`
 *
 * A list is sorted. Its first cell covers all keys below the second, so its `first` stores the number of cells.
 */
struct alf_cell {
	__u32 first;
	__u32 result;
};

/**
 * struct alf_slot - the keys of one slot of an index, with two alternating results
 * @even: a reference, the result of keys below an even number of `edges`
 * @odd: a reference, the result of the other keys
 * @edges: keys where the result changes; unused ones are 0
 *
 * Most slots have at most three prefixes, and a search reads only the slot. If the edges do not fit, both references are
 * the same list.
 */
#define ALF_EDGES		6

struct alf_slot {
	__u32 even;
	__u32 odd;
	__u32 edges[ALF_EDGES];
};

/**
 * struct alf_wide_slot - the same for keys of 64 bits; the index uses the upper half
 * @edges: offsets in the slot
 *
 * A reference that does not end the search continues after the upper half only.
 */
#define ALF_WIDE_EDGES		7

struct alf_wide_slot {
	__u32 even;
	__u32 odd;
	__u64 edges[ALF_WIDE_EDGES];
};

/** Cells of a slot. Slots begin at a cache line, so none crosses one. */
#define ALF_SLOT_SHIFT		2
#define ALF_SLOT_CELLS		(1 << ALF_SLOT_SHIFT)
#define ALF_WIDE_SLOT_SHIFT	3
#define ALF_WIDE_SLOT_CELLS	(1 << ALF_WIDE_SLOT_SHIFT)

/**
 * struct alf_index - divides a range of keys into equal slots
 * @base: first key of the range
 * @span: offset of its last key
 * @shift: slot = offset >> shift
 * @slots: position of the first slot
 * @below: a reference, the result of smaller keys
 * @above: a reference, the result of larger keys
 */
struct alf_index {
	__u32 base;
	__u32 span;
	__u32 shift;
	__u32 slots;
	__u32 below;
	__u32 above;
	__u32 reserved[2];
};

/**
 * struct alf_root - the root of the tree of a field
 *
 * Only the source has a bitmap and a wide index: every packet is looked up by its source.
 *
 * @ref: the tree; ALF_INDEX and ALF_WIDE_INDEX refer to @index, with any value
 * @presence: position of a bitmap for a large index, with a bit for each block of its range; 0 without one
 * @presence_shift: block = offset >> presence_shift
 * @absent: a reference, ALF_FINAL or ALF_ROW: the result in all blocks whose bit is 0
 */
struct alf_root {
	__u32 ref;
	__u32 presence;
	__u32 presence_shift;
	__u32 absent;
	struct alf_index index;
	__u32 reserved[4];
};

/**
 * struct alf_header - the beginning of page 0
 * @abi: ALF_POLICY_ABI; a program denies all packets if it differs
 * @counters: first of this image's counters, 0 or ALF_COUNTER_BANK
 * @fields: bit n is set if a rule matches enum alf_field n
 * @otherwise: ALF_FINAL of the default
 * @broken: ALF_FINAL that denies, for truncated packets and damaged images; a value in memory, because the verifier would
 *          track a constant into every later field
 * @zero: 0, unknown to the verifier: x ^ zero is x without the bounds that the verifier knows on one of several paths
 * @allow: one bit for each rule whose verdict is allow
 * @any: a row of all rules, the result of fields that no rule matches
 *
 * A row is a summary, whose bit n is set if word n has a bit set, and at most ALF_ROW_WORDS words. Words after the
 * policy's last rule are omitted.
 */
struct alf_header {
	__u32 abi;
	__u32 counters;
	__u32 fields;
	__u32 otherwise;
	__u32 broken;
	__u32 reserved;
	__u64 zero;
	__u32 unused[8];
	struct alf_root roots[ALF_FIELDS];
	__u64 allow[ALF_ROW_WORDS];
	__u64 any[1 + ALF_ROW_WORDS];
};

union alf_page {
	struct alf_header header;
	struct alf_cell cells[ALF_PAGE_CELLS];
	__u32 words[2 * ALF_PAGE_CELLS];
	__u64 bits[ALF_PAGE_CELLS];
};

_Static_assert(sizeof(struct alf_cell) == 8, "two to a cell of 8 bytes");
_Static_assert(sizeof(struct alf_slot) == 8 * ALF_SLOT_CELLS, "no padding");
_Static_assert(sizeof(struct alf_wide_slot) == 8 * ALF_WIDE_SLOT_CELLS, "no padding");
_Static_assert(sizeof(struct alf_index) == 32, "fills four cells");
_Static_assert(sizeof(struct alf_root) == 64, "a root is a cache line");
_Static_assert(sizeof(struct alf_header) == 64 + 8 * 64 + 512 + 520, "no padding");
_Static_assert(sizeof(union alf_page) == ALF_PAGE_BYTES, "the header fits");

#endif
