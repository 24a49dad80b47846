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

/** Halvings of a list that are made even where fewer would do. */
#define ALF_SHORT_STEPS	2

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

		/* Most lists are short. Where one ends is hard to predict; a step too many costs less, and stays. */
		if (i >= ALF_SHORT_STEPS && half == 0)
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

	if (alf_tag(ref) != ALF_LIST)
		return ref;
	page = alf_page_of(image, ref);
	return page ? alf_search_list(page, ref, key) : image->head->header.broken;
}

static __always_inline __u32 alf_follow_index(const struct alf_image *image, __u32 ref, __u32 key)
{
	const union alf_page *page;

	if (alf_tag(ref) != ALF_INDEX)
		return ref;
	page = alf_page_of(image, ref);
	/* An index fills four cells from a multiple of four on, and so does not cross pages. */
	return page ? alf_search_index(image, (const void *)&page->cells[ref & (ALF_PAGE_CELLS - 4)], key) :
		      image->head->header.broken;
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
 * What the tree of `field` says about the first 32 bits of a key.
 *
 * Return: a reference with the tag ALF_FINAL or ALF_ROW, or ALF_NEXT_* for a longer key
 */
static __always_inline __u32 alf_search_first(const struct alf_image *image, __u32 field, __u32 key)
{
	const struct alf_root *root = &image->head->header.roots[field & (ALF_FIELDS - 1)];
	__u32 ref;

	if (!alf_is_present(image, root, key))
		return root->absent;
	ref = root->ref;
	if (alf_tag(ref) == ALF_INDEX)
		ref = alf_search_index(image, &root->index, key);
	return alf_follow_list(image, alf_blur(image, ref), key);
}

/** alf_search_field - alf_search_first as a function of its own, for fields that few packets need */
__noinline __u32 alf_search_field(__u32 first, __u32 field, __u32 key)
{
	struct alf_image image = { .first = first, .head = alf_page_in(first) };

	return image.head ? alf_search_first(&image, field, key) : ALF_BROKEN;
}

/**
 * alf_search_next - goes on with the next word of a longer key
 * @first: the image's first slot
 * @ref: ALF_NEXT_*
 */
__noinline __u32 alf_search_next(__u32 first, __u32 ref, __u32 key)
{
	struct alf_image image = { .first = first, .head = alf_page_in(first) };

	if (!image.head)
		return ALF_BROKEN;
	ref = alf_blur(&image, ref - ((ALF_NEXT_LIST - ALF_LIST) << ALF_TAG_SHIFT));
	ref = alf_blur(&image, alf_follow_index(&image, ref, key));
	return alf_follow_list(&image, ref, key);
}

/** alf_search_rest - goes on with words 1 to 3 of an IPv6 address as far as it takes, from the result of word 0 */
static __always_inline __u32 alf_search_rest(__u32 first, __u32 ref, const __u32 words[4])
{
#pragma unroll
	for (int i = 1; i < 4; i++)
		if (alf_tag(ref) >= ALF_NEXT_LIST)
			ref = alf_search_next(first, ref, words[i]);
	return ref;
}

#endif
