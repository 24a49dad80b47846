/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_SEARCH_H
#define ALF_POLICY_SEARCH_H

/*
 * Search in the trees of a policy's image (alf/policy.h). Bounded, and without a branch on the keys compared.
 *
 * Functions that are not static are verified once and on their own, whoever calls them: each thing the program does has
 * one, which finds its pages by itself, as only numbers go in and out. What most packets need is written in place.
 */

#include <alf/policy_maps.h>

/** The reference for an image that points nowhere: denies, and counts as the default. */
#define ALF_BROKEN	0

static __always_inline __u32 alf_tag(__u32 ref)
{
	return ref >> ALF_TAG_SHIFT;
}

/*
 * `value`, without what the verifier has learned about it. Where ways through the program meet again, it goes on once if
 * all of them look the same to it, and once for each if not: that is the difference between a thousand steps and a
 * million.
 */
static __always_inline __u32 alf_blur(const struct alf_image *image, __u32 value)
{
	value ^= image->head->header.zero;
	barrier_var(value);
	return value;
}

/* Word `word` of a run of 32-bit words that begins at `cell`; the run may cross pages. */
static __always_inline __u32 alf_word(const struct alf_image *image, __u32 cell, __u32 word)
{
	const union alf_page *page;

	if (!alf_find_page(image, cell + (word >> 1), &page))
		return image->head->header.broken;
	return page->words[(2 * cell + word) & (2 * ALF_PAGE_CELLS - 1)];
}

/*
 * All ones if a < b, else 0: a borrow instead of a jump nobody can predict. Both have 32 bits. The barrier keeps clang
 * from making a jump of it all the same, which would also give the verifier two ways to follow.
 */
static __always_inline __u64 alf_less(__u64 a, __u64 b)
{
	__u64 borrow = a - b;

	barrier_var(borrow);
	return (__s64)borrow >> 63;
}

/* Finds the slot for keys `offset` behind the base of an index. Return: false if it is nowhere */
static __always_inline bool alf_find_slot(const struct alf_image *image, const struct alf_index *index, __u32 offset,
					  __u32 cells, const void **slot)
{
	__u32 cell = index->slots + (offset >> (index->shift & 31)) * cells;
	const union alf_page *page;
	bool found = alf_find_page(image, cell, &page);

	*slot = &page->cells[cell & (ALF_PAGE_CELLS - cells)];
	return found;
}

/* The reference for a key that is not in an index's stretch. */
static __always_inline __u32 alf_beside_index(const struct alf_index *index, __u32 key)
{
	return index->above ^ ((index->above ^ index->below) & alf_less(key, index->base));
}

/*
 * Which of a slot's edges lie above a key: the sign of the result says whether an odd number does. Comparing is
 * subtracting, and counting by two is XOR: there is no jump that a processor could foresee wrongly.
 */
static __always_inline __s64 alf_edges_above(const __u32 edges[ALF_EDGES], __u64 key)
{
	__u64 signs = 0;

#pragma unroll
	for (int i = 0; i < ALF_EDGES; i++)
		signs ^= key - edges[i];
	return signs;
}

/* The same for offsets in a wide slot; they have 63 bits at most. */
static __always_inline __s64 alf_wide_edges_above(const __u64 edges[ALF_WIDE_EDGES], __u64 offset)
{
	__u64 signs = 0;

#pragma unroll
	for (int i = 0; i < ALF_WIDE_EDGES; i++)
		signs ^= offset - edges[i];
	return signs;
}

/* `odd` if `sign` is negative, else `even`. The barrier keeps clang from making a jump of it. */
static __always_inline __u32 alf_take_turns(__u32 even, __u32 odd, __s64 sign)
{
	sign >>= 63;
	barrier_var(sign);
	return even ^ ((even ^ odd) & sign);
}

/* The reference for a key in an index. */
static __always_inline __u32 alf_search_index(const struct alf_image *image, const struct alf_index *index, __u32 key)
{
	__u32 offset = key - index->base;	/* huge for smaller keys */
	const struct alf_slot *slot;

	if (offset > index->span)
		return alf_beside_index(index, key);
	if (!alf_find_slot(image, index, offset, ALF_SLOT_CELLS, (const void **)&slot))
		return image->head->header.broken;
	return alf_take_turns(slot->even, slot->odd, alf_edges_above(slot->edges, key));
}

/* The reference for the first two words of a key in an index with wide slots. */
static __always_inline __u32 alf_search_wide(const struct alf_image *image, const struct alf_index *index, __u32 key,
					     __u32 next)
{
	__u32 offset = key - index->base;
	const struct alf_wide_slot *slot;

	if (offset > index->span)
		return alf_beside_index(index, key);
	if (!alf_find_slot(image, index, offset, ALF_WIDE_SLOT_CELLS, (const void **)&slot))
		return image->head->header.broken;
	offset &= (1U << (index->shift & 31)) - 1;
	return alf_take_turns(slot->even, slot->odd, alf_wide_edges_above(slot->edges, (__u64)offset << 32 | next));
}

/*
 * The result for a key in the cells of a list that are left, `count` of at most ALF_SHORT_LIST. All are read at once, as
 * no load has to wait for another: most lists are this short, and every packet goes through one or two.
 */
static __always_inline __u32 alf_search_short(const struct alf_cell *cells, __u64 count, __u64 key)
{
	__u32 result = cells[0].result;

#pragma unroll
	for (int i = 1; i < ALF_SHORT_LIST; i++)
		result += (cells[i].result - cells[i - 1].result) &
			  alf_less(cells[i].first, key + 1) & alf_less(i, count);
	return result;
}

/**
 * alf_shorten_list - halves a list until it is a short one
 * @bank: the image's
 *
 * Return: the number of its cells, and in the lower half the first one's position in its page
 */
ALF_FUNCTION __u64 alf_shorten_list(__u32 bank, __u32 ref, __u32 key)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };
	__u64 count, cell = ref & (ALF_PAGE_CELLS - 1);
	const union alf_page *page;

	if (!image.head || !alf_find_page(&image, ref, &page))
		return 0;
	count = page->cells[cell].first;
#pragma unroll
	for (int i = 0; i < ALF_LIST_STEPS - ALF_SHORT_STEPS; i++) {
		__u64 half = count >> 1;

		if (count <= ALF_SHORT_LIST)
			continue;
		cell += half & alf_less(page->cells[(cell + half) & (ALF_PAGE_CELLS - 1)].first, (__u64)key + 1);
		count -= half;
	}
	return count << 32 | cell;
}

/* The result for a key in a list. */
static __always_inline __u32 alf_search_list(const struct alf_image *image, __u32 ref, __u32 key)
{
	__u32 cell = ref & (ALF_PAGE_CELLS - 1);
	const union alf_page *page;
	__u64 count;

	if (!alf_find_page(image, ref, &page))
		return image->head->header.broken;
	count = page->cells[cell].first;
	if (count > ALF_SHORT_LIST) {
		count = alf_shorten_list(image->bank, ref, key);
		cell = alf_blur(image, count);
		count >>= 32;
	}
	/* As many fit from any cell of a list: the check tells the verifier so. */
	if (cell > ALF_PAGE_CELLS - ALF_SHORT_LIST)
		return image->head->header.broken;
	barrier_var(page);
	return alf_search_short(&page->cells[cell], count, key);
}

/**
 * alf_follow_list - ends what one word of the key can decide: a list, or a reference that needs none
 * @bank: the image's
 */
ALF_FUNCTION __u32 alf_follow_list(__u32 bank, __u32 ref, __u32 key)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };

	if (!image.head)
		return ALF_BROKEN;
	return alf_tag(ref) == ALF_LIST ? alf_search_list(&image, ref, key) : ref;
}

static __always_inline __u32 alf_follow_index(const struct alf_image *image, __u32 ref, __u32 key)
{
	const union alf_page *page;

	if (alf_tag(ref) != ALF_INDEX)
		return ref;
	if (!alf_find_page(image, ref, &page))
		return image->head->header.broken;
	/* An index fills four cells from a multiple of four on, and so does not cross pages. */
	return alf_search_index(image, (const void *)&page->cells[ref & (ALF_PAGE_CELLS - 4)], key);
}

/* Whether a key is where only few are: false if the bitmap in front of the index knows that it is not. */
static __always_inline bool alf_is_present(const struct alf_image *image, const struct alf_root *root, __u32 key)
{
	__u32 offset = key - root->index.base;
	__u32 bit = offset >> (root->presence_shift & 31);

	if (!root->presence || offset > root->index.span)
		return true;
	return alf_word(image, root->presence, bit >> 5) >> (bit & 31) & 1;
}

/*
 * What the tree of the source, `field`, says about the first 32 bits of a key, or about the first 64 where those are all it
 * takes.
 *
 * Return: a reference with the tag ALF_FINAL or ALF_ROW, ALF_LIST for the same key, or ALF_NEXT_* for a longer one
 */
static __always_inline __u32 alf_search_first(const struct alf_image *image, __u32 field, __u32 key, __u32 next)
{
	const struct alf_root *root = &image->head->header.roots[field & (ALF_FIELDS - 1)];
	__u32 ref;

	if (!alf_is_present(image, root, key))
		return root->absent;
	ref = root->ref;
	if (alf_tag(ref) == ALF_INDEX)
		ref = alf_search_index(image, &root->index, key);
	else if (alf_tag(ref) == ALF_WIDE_INDEX)
		ref = alf_search_wide(image, &root->index, key, next);
	return alf_blur(image, ref);
}

/**
 * alf_search_field - what the tree of another field than the source says about the first 32 bits of a key
 * @bank: the image's
 */
ALF_FUNCTION __u32 alf_search_field(__u32 bank, __u32 field, __u32 key)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };
	const struct alf_root *root;
	__u32 ref;

	if (!image.head)
		return ALF_BROKEN;
	root = &image.head->header.roots[field & (ALF_FIELDS - 1)];
	ref = root->ref;
	if (alf_tag(ref) == ALF_INDEX)
		ref = alf_search_index(&image, &root->index, key);
	return alf_follow_list(bank, ref, key);
}

/**
 * alf_search_next - goes on with the next word of a longer key, from ALF_NEXT_*
 * @bank: the image's
 */
ALF_FUNCTION __u32 alf_search_next(__u32 bank, __u32 ref, __u32 key)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };

	if (!image.head)
		return ALF_BROKEN;
	ref = alf_blur(&image, ref - ((ALF_NEXT_LIST - ALF_LIST) << ALF_TAG_SHIFT));
	ref = alf_blur(&image, alf_follow_index(&image, ref, key));
	return alf_follow_list(bank, ref, key);
}

/**
 * alf_search_rest - goes on with the later words of an IPv6 address, from ALF_NEXT_* for the second of them
 * @bank: the image's
 * @upper, @lower: the address
 */
ALF_FUNCTION __u32 alf_search_rest(__u32 bank, __u32 ref, __u64 upper, __u64 lower)
{
	ref = alf_search_next(bank, ref, upper);
	if (alf_tag(ref) >= ALF_NEXT_LIST)
		ref = alf_search_next(bank, ref, lower >> 32);
	if (alf_tag(ref) >= ALF_NEXT_LIST)
		ref = alf_search_next(bank, ref, lower);
	return ref;
}

#endif
