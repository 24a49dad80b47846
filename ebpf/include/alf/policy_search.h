/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_SEARCH_H
#define ALF_POLICY_SEARCH_H

/* Search in the trees of a policy's image (alf/policy.h). Bounded, and without a branch on the keys compared. */

#include <alf/policy_maps.h>

static __always_inline __u32 alf_tag(__u32 ref)
{
	return ref >> ALF_TAG_SHIFT;
}

/* The page that holds a cell. The first is at hand; small policies need no other. */
static __always_inline const union alf_page *alf_page_of(const struct alf_image *image, __u32 cell)
{
	__u32 number = (cell & ALF_VALUE_MASK) >> ALF_PAGE_SHIFT;

	return number == 0 ? image->head : alf_page_in(image->first + number);
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
	const union alf_page *page = alf_page_of(image, cell + (word >> 1));

	return page ? page->words[(2 * cell + word) & (2 * ALF_PAGE_CELLS - 1)] : image->head->header.broken;
}

/* The reference for a key in an index. */
static __always_inline __u32 alf_search_index(const struct alf_image *image, const struct alf_index *index, __u32 key)
{
	__u32 offset = key - index->base;	/* huge for smaller keys */

	if (offset > index->span)
		return key < index->base ? index->below : index->above;
	return alf_word(image, index->slots, offset >> (index->shift & 31));
}

static __always_inline __u32 alf_search_list(const union alf_page *page, __u32 cell, __u32 key)
{
	__u64 count = page->cells[cell & (ALF_PAGE_CELLS - 1)].first;

#pragma unroll
	for (int i = 0; i < ALF_LIST_STEPS; i++) {
		__u64 half = count >> 1, first;

		if (half == 0)
			break;
		first = page->cells[(cell + half) & (ALF_PAGE_CELLS - 1)].first;
		/* All ones if first <= key: a borrow instead of a jump nobody can predict. */
		cell += half & (__u64)((__s64)(first - key - 1) >> 63);
		count -= half;
	}
	return page->cells[cell & (ALF_PAGE_CELLS - 1)].result;
}

/* Ends what one word of the key can decide: a list, or a reference that needs none. */
static __always_inline __u32 alf_follow_list(const struct alf_image *image, __u32 ref, __u32 key)
{
	const union alf_page *page;

	if (alf_tag(ref) == ALF_LIST) {
		page = alf_page_of(image, ref);
		ref = page ? alf_search_list(page, ref, key) : image->head->header.broken;
	}
	return alf_blur(image, ref);
}

static __always_inline __u32 alf_follow_index(const struct alf_image *image, __u32 ref, __u32 key)
{
	const union alf_page *page;

	if (alf_tag(ref) == ALF_INDEX) {
		page = alf_page_of(image, ref);
		/* An index fills four cells from a multiple of four on, and so does not cross pages. */
		ref = page ? alf_search_index(image, (const void *)&page->cells[ref & (ALF_PAGE_CELLS - 4)], key) :
			     image->head->header.broken;
	}
	return alf_blur(image, ref);
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

/**
 * alf_search - what a field's tree says about a key of 32 bits
 *
 * Return: a reference with the tag ALF_FINAL or ALF_ROW
 */
static __always_inline __u32 alf_search(const struct alf_image *image, const struct alf_root *root, __u32 key)
{
	__u32 ref = root->ref;

	if (alf_tag(ref) == ALF_INDEX)
		ref = alf_search_index(image, &root->index, key);
	return alf_follow_list(image, alf_blur(image, ref), key);
}

/** alf_search_large - the same for a tree that may have a bitmap in front of it */
static __always_inline __u32 alf_search_large(const struct alf_image *image, const struct alf_root *root, __u32 key)
{
	return alf_is_present(image, root, key) ? alf_search(image, root, key) : root->absent;
}

/* Goes on with the next word of a longer key, unless those before have decided. */
static __always_inline __u32 alf_search_next(const struct alf_image *image, __u32 ref, __u32 key)
{
	if (alf_tag(ref) >= ALF_NEXT_LIST) {
		ref = alf_blur(image, ref - ((ALF_NEXT_LIST - ALF_LIST) << ALF_TAG_SHIFT));
		ref = alf_follow_list(image, alf_follow_index(image, ref, key), key);
	}
	return alf_blur(image, ref);
}

/**
 * alf_search_long - the same for a key of 128 bits
 * @words: the upper ones first
 */
static __always_inline __u32 alf_search_long(const struct alf_image *image, const struct alf_root *root,
					     const __u32 words[4])
{
	__u32 ref = alf_blur(image, alf_search_large(image, root, words[0]));

	ref = alf_search_next(image, ref, words[1]);
	ref = alf_search_next(image, ref, words[2]);
	return alf_search_next(image, ref, words[3]);
}

#endif
