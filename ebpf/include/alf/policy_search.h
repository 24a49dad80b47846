/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_SEARCH_H
#define ALF_POLICY_SEARCH_H

/*
 * Searches the trees of a policy's image (alf/policy.h). Bounded, and without a branch on the compared keys.
 *
 * Non-static functions are verified once, for all callers. Each step of the program has one. It takes and returns numbers
 * only, so it finds its pages itself. The code that most packets need is inlined.
 */

#include <alf/policy_maps.h>

/** The reference for a damaged image: denies, and counts as the default. */
#define ALF_BROKEN	0

static __always_inline __u64 alf_tag(__u64 ref)
{
	return ref >> ALF_TAG_SHIFT;
}

/*
 * Returns `value` with bounds unknown to the verifier. Where paths join, the verifier continues once if all states are the
 * same, and once for each state otherwise. That is the difference between a thousand steps and a
 * million.
 */
static __always_inline __u64 alf_blur(const union alf_page *head, __u64 value)
{
	value ^= head->header.zero;
	barrier_var(value);
	return value;
}

/*
 * Returns all ones if a < b, else 0: a borrow instead of an unpredictable jump. Both have 32 bits. The barrier keeps clang
 * from emitting a jump, which would also give the verifier two paths to follow.
 */
static __always_inline __u64 alf_less(__u64 a, __u64 b)
{
	__u64 borrow = a - b;

	barrier_var(borrow);
	return (__s64)borrow >> 63;
}

/* Returns the reference for a key outside the range of an index. */
static __always_inline __u32 alf_beside_index(const struct alf_index *index, __u64 key)
{
	return index->above ^ ((index->above ^ index->below) & alf_less(key, index->base));
}

/* Returns `odd` if `sign` is negative, else `even`. The barrier keeps clang from emitting a jump. */
static __always_inline __u32 alf_take_turns(__u32 even, __u32 odd, __s64 sign)
{
	sign >>= 63;
	barrier_var(sign);
	return even ^ ((even ^ odd) & sign);
}

/*
 * Returns the reference for a key in a slot. Differences are combined by XOR: the sign is negative if an odd number of
 * edges are above the key. There is no jump that a processor could mispredict.
 */
static __always_inline __u32 alf_search_slot(const struct alf_slot *slot, __u64 key)
{
	__u64 signs = 0;

#pragma unroll
	for (int i = 0; i < ALF_EDGES; i++)
		signs ^= key - slot->edges[i];
	return alf_take_turns(slot->even, slot->odd, signs);
}

/* The same for an offset in a wide slot; it has at most 63 bits. */
static __always_inline __u32 alf_search_wide_slot(const struct alf_wide_slot *slot, __u64 offset)
{
	__u64 signs = 0;

#pragma unroll
	for (int i = 0; i < ALF_WIDE_EDGES; i++)
		signs ^= offset - slot->edges[i];
	return alf_take_turns(slot->even, slot->odd, signs);
}

/*
 * Searches the tree of the source, `field`, for the first 32 bits of a key, or for the first 64 with a wide index. It runs
 * for every packet, so it is inlined, and has neither calls nor loops.
 *
 * Return: a reference with the tag ALF_FINAL or ALF_ROW, ALF_LIST for the same key, or ALF_NEXT_* for a longer one
 */
static __always_inline __u32 alf_search_source(const struct alf_image *image, __u64 field, __u64 upper)
{
	const struct alf_root *root = &image->head->header.roots[field & (ALF_FIELDS - 1)];
	const struct alf_index *index = &root->index;
	__u64 ref, key = upper >> 32, shift = ALF_SLOT_SHIFT, cell, offset, bit;
	const union alf_page *page;

	/* Otherwise clang computes the address at each use. */
	barrier_var(root);
	ref = root->ref;
	if (alf_tag(ref) == ALF_WIDE_INDEX)
		shift = ALF_WIDE_SLOT_SHIFT;
	else if (alf_tag(ref) != ALF_INDEX)
		return ref;
	offset = key - index->base;	/* huge for smaller keys */
	if (offset > index->span)
		return alf_beside_index(index, key);
	if (root->presence) {
		bit = offset >> (root->presence_shift & 31);
		if (!alf_find_page(image, root->presence + (bit >> 6), &page))
			return image->head->header.broken;
		if (!(page->words[(2 * root->presence + (bit >> 5)) & (2 * ALF_PAGE_CELLS - 1)] >> (bit & 31) & 1))
			return root->absent;
	}
	cell = index->slots + (offset >> (index->shift & 31) << shift);
	if (!alf_find_page(image, cell, &page))
		return image->head->header.broken;
	if (shift == ALF_SLOT_SHIFT)
		return alf_search_slot((const void *)&page->cells[cell & (ALF_PAGE_CELLS - ALF_SLOT_CELLS)], key);
	offset &= (1ULL << (index->shift & 31)) - 1;
	return alf_search_wide_slot((const void *)&page->cells[cell & (ALF_PAGE_CELLS - ALF_WIDE_SLOT_CELLS)],
				    offset << 32 | (__u32)upper);
}

/* Returns the reference for a key in the index at a cell. */
static __always_inline __u64 alf_search_index(const struct alf_image *image, __u64 ref, __u64 key)
{
	const struct alf_index *index;
	const union alf_page *page;
	__u64 cell = ref & (ALF_PAGE_CELLS - 1);
	__u32 offset;

	if (cell > ALF_PAGE_CELLS - 4 || !alf_find_page(image, ref, &page))
		return image->head->header.broken;
	index = (const void *)&page->cells[cell];
	offset = key - index->base;
	if (offset > index->span)
		return alf_beside_index(index, key);
	cell = index->slots + ((__u64)(offset >> (index->shift & 31)) << ALF_SLOT_SHIFT);
	if (!alf_find_page(image, cell, &page))
		return image->head->header.broken;
	return alf_search_slot((const void *)&page->cells[cell & (ALF_PAGE_CELLS - ALF_SLOT_CELLS)], key);
}

/** Bisections for each call of alf_narrow_list, and calls until one cell remains of the longest list. */
#define ALF_HALVINGS		3
#define ALF_NARROWINGS		(ALF_LIST_STEPS / ALF_HALVINGS)

_Static_assert(ALF_HALVINGS * ALF_NARROWINGS == ALF_LIST_STEPS, "the longest list is searched to its end");

/**
 * alf_narrow_list - starts or continues the search in a list; one call is enough for most lists, which are short
 * @bank: the image's
 * @left: the list; or the result of a call that did not end the search
 *
 * Return: a reference, if one cell remains; else the number of remaining cells in the upper half, and the position of the
 * first in the lower
 */
ALF_FUNCTION __u64 alf_narrow_list(__u64 bank, __u64 left, __u64 key)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };
	__u64 cell = left & (ALF_PAGE_CELLS - 1), count = left >> 32, start = cell;
	const union alf_page *page;

	if (!image.head || !alf_find_page(&image, left, &page))
		return ALF_BROKEN;
	if (count == 0)
		count = page->cells[cell].first;
#pragma unroll
	for (int i = 0; i < ALF_HALVINGS; i++) {
		__u64 half = count >> 1;

		cell += half & alf_less(page->cells[(cell + half) & (ALF_PAGE_CELLS - 1)].first, key + 1);
		count -= half;
	}
	if (count <= 1)
		return page->cells[cell & (ALF_PAGE_CELLS - 1)].result;
	return count << 32 | (__u32)(left + cell - start);
}

/** alf_end_list - ends a search that one call of alf_narrow_list did not end */
ALF_FUNCTION __u64 alf_end_list(__u64 bank, __u64 left, __u64 key)
{
#pragma unroll
	for (int i = 1; i < ALF_NARROWINGS; i++) {
		left = alf_narrow_list(bank, left, key);
		if (left >> 32 == 0)
			break;
	}
	return left;
}

static __always_inline __u64 alf_search_list(__u64 bank, __u64 ref, __u64 key)
{
	__u64 left = alf_narrow_list(bank, ref, key);

	return left >> 32 == 0 ? left : alf_end_list(bank, left, key);
}

/**
 * alf_search_word - searches an index or a list for one word of a key
 * @bank: the image's
 * @ref: ALF_INDEX or ALF_LIST, or ALF_NEXT_* for the next word
 */
ALF_FUNCTION __u64 alf_search_word(__u64 bank, __u64 ref, __u64 key)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };

	if (!image.head)
		return ALF_BROKEN;
	if (alf_tag(ref) == ALF_INDEX || alf_tag(ref) == ALF_NEXT_INDEX) {
		ref = alf_blur(image.head, alf_search_index(&image, ref, key));
		if (alf_tag(ref) != ALF_LIST)
			return ref;
	}
	return alf_search_list(bank, ref, key);
}

/**
 * alf_search_rest - continues with the later words of an IPv6 address
 * @bank: the image's
 * @ref: ALF_NEXT_* for the second word
 * @upper, @lower: the address
 *
 * Return: a reference with the tag ALF_FINAL or ALF_ROW
 */
ALF_FUNCTION __u64 alf_search_rest(__u64 bank, __u64 ref, __u64 upper, __u64 lower)
{
	ref = alf_search_word(bank, ref, (__u32)upper);
	if (alf_tag(ref) >= ALF_NEXT_LIST)
		ref = alf_search_word(bank, ref, lower >> 32);
	if (alf_tag(ref) >= ALF_NEXT_LIST)
		ref = alf_search_word(bank, ref, (__u32)lower);
	return ref;
}

/** Position of the index in a field's root. */
#define ALF_ROOT_INDEX(field)                                                                         \
	((__builtin_offsetof(struct alf_header, roots) + __builtin_offsetof(struct alf_root, index)) / 8 +  \
	 (field) * (sizeof(struct alf_root) / 8))

/**
 * alf_search_field - searches the tree of a field of one word
 * @bank: the image's
 */
ALF_FUNCTION __u64 alf_search_field(__u64 bank, __u64 field, __u64 key)
{
	const union alf_page *head = alf_head_of(bank);
	__u64 ref;

	if (!head)
		return ALF_BROKEN;
	ref = head->header.roots[field & (ALF_FIELDS - 1)].ref;
	if (alf_tag(ref) == ALF_INDEX)
		ref = ALF_INDEX << ALF_TAG_SHIFT | ALF_ROOT_INDEX(field & (ALF_FIELDS - 1));
	/* Fields that no rule matches have a row and need no search. */
	if (alf_tag(ref) >= ALF_LIST)
		ref = alf_search_word(bank, ref, key);
	return alf_blur(head, ref);
}

#endif
