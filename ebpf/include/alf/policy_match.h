/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_MATCH_H
#define ALF_POLICY_MATCH_H

/*
 * From a packet to the rule that decides: the source alone if it can, else the first bit common to all fields.
 *
 * A row of each field is passed from function to function as three arguments: `addresses` has that of the source in the
 * upper half and that of the destination in the lower, `link` those of interface and protocol, `ports` those of source and
 * destination. They are not in memory, because Linux 7.1 and later follow a pointer to the caller's stack through every
 * instruction of a function, which takes longer than to verify it.
 */

#include <alf/policy_packet.h>
#include <alf/policy_search.h>

/** Fields that are small numbers, in the order of enum alf_field from ALF_INTERFACE on. */
#define ALF_NUMBERS		4

/*
 * Number of the lowest bit set; `bits` is not 0. BPF has no instruction for it and clang 14 fails on the builtin. It is
 * the number of ones below that bit, added up in place: a jump here would cost the verifier 64 paths for each use.
 */
static __always_inline __u32 alf_lowest_bit(__u64 bits)
{
	bits = ~bits & (bits - 1);
	/* clang 18 recognizes what follows, and fails on the instruction that BPF does not have. */
	barrier_var(bits);
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return bits * 0x0101010101010101 >> 56;
}

#define ALF_PORT_FIELDS		(1 << ALF_SOURCE_PORT | 1 << ALF_DESTINATION_PORT)
#define ALF_TRANSPORT_FIELDS	(1 << ALF_PROTOCOL | ALF_PORT_FIELDS)

static __always_inline __u32 alf_final(const struct alf_header *header, __u32 rule)
{
	__u32 word = (rule >> 6) & (ALF_ROW_WORDS - 1);
	__u32 allow = header->allow[word] >> (rule & 63) & 1;

	return ALF_FINAL << ALF_TAG_SHIFT | (allow ? ALF_FINAL_ALLOW : 0) | (rule + 1);
}

/**
 * alf_row_bits - one word of a row: 0 is the summary, 1 + n is word n
 * @bank: the image's
 *
 * Return: the bits; 0 if the row is nowhere. No row is empty, and words whose bit in the summary is 0 are not asked for.
 */
ALF_FUNCTION __u64 alf_row_bits(__u32 bank, __u32 row, __u32 word)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };
	__u32 at = (row & (ALF_PAGE_CELLS - 1)) + word;
	const union alf_page *page;

	if (!image.head || at >= ALF_PAGE_CELLS || !alf_find_page(&image, row, &page))
		return 0;
	/* The check does not outlive a move to a register of 64 bits: the verifier has to see the mask. */
	barrier_var(at);
	return page->bits[at & (ALF_PAGE_CELLS - 1)];
}

/* Takes from `bits` those that a row does not have. Return: false if the row is nowhere */
static __always_inline bool alf_and_row(__u32 bank, __u32 row, __u32 word, __u64 *bits)
{
	__u64 of_row = alf_row_bits(bank, row, word);

	*bits &= of_row;
	return of_row;
}

/*
 * What a search for a rule returns: a rule, from 1 on, or one of these. A search that has to go on returns the number of
 * the word to go on from in addition to ALF_GO_ON.
 */
#define ALF_NO_RULE		0U
#define ALF_NOWHERE		0xffffU
#define ALF_GO_ON		0x10000U

/**
 * alf_common_bit - the lowest bit that all rows have in one of their words
 * @where: the image's bank, and in the upper half the word: 0 is the summary, 1 + n is word n
 * @from: lower bits are passed over
 *
 * Return: 1 + the bit's number, ALF_NO_RULE or ALF_NOWHERE
 */
ALF_FUNCTION __u32 alf_common_bit(__u64 where, __u64 from, __u64 addresses, __u64 link, __u64 ports)
{
	__u32 bank = where, word = where >> 32;
	__u64 bits = ~0ULL << (from & 63);

	if (!alf_and_row(bank, addresses >> 32, word, &bits) || !alf_and_row(bank, addresses, word, &bits) ||
	    !alf_and_row(bank, link >> 32, word, &bits) || !alf_and_row(bank, link, word, &bits) ||
	    !alf_and_row(bank, ports >> 32, word, &bits) || !alf_and_row(bank, ports, word, &bits))
		return ALF_NOWHERE;
	return bits && from < 64 ? 1 + alf_lowest_bit(bits) : ALF_NO_RULE;
}

/**
 * alf_next_rule - the first rule that all rows have in the next word that all summaries have
 * @where: the image's bank, and in the upper half the number of the word to begin with
 *
 * Summaries may share a bit where words do not: then the search goes on.
 */
ALF_FUNCTION __u32 alf_next_rule(__u64 where, __u64 addresses, __u64 link, __u64 ports)
{
	__u32 word = alf_common_bit((__u32)where, where >> 32, addresses, link, ports), bit;

	if (word == ALF_NO_RULE || word == ALF_NOWHERE)
		return word;
	bit = alf_common_bit(alf_pair(word, where), 0, addresses, link, ports);
	if (bit == ALF_NO_RULE)
		return ALF_GO_ON + word;
	return bit == ALF_NOWHERE ? bit : 64 * (word - 1) + bit;
}

/** Calls of a function that looks at some words, until all have been looked at. */
#define ALF_CALLS		8

_Static_assert(ALF_CALLS * ALF_CALLS == ALF_ROW_WORDS, "two levels look at all words");

/** alf_next_rules - the same for as many words as there are calls */
ALF_FUNCTION __u32 alf_next_rules(__u64 where, __u64 addresses, __u64 link, __u64 ports)
{
	__u32 rule = ALF_GO_ON + (where >> 32);

#pragma unroll
	for (int i = 0; i < ALF_CALLS; i++) {
		rule = alf_next_rule(alf_pair(rule - ALF_GO_ON, where), addresses, link, ports);
		if (rule < ALF_GO_ON)
			break;
	}
	return rule;
}

/**
 * alf_match_rows - the decision of the first rule that all rows have
 * @bank: the image's
 *
 * Return: a reference with the tag ALF_FINAL
 */
ALF_FUNCTION __u32 alf_match_rows(__u64 bank, __u64 addresses, __u64 link, __u64 ports)
{
	const union alf_page *head = alf_head_of(bank);
	__u32 rule = ALF_GO_ON;

	if (!head)
		return ALF_BROKEN;
#pragma unroll
	for (int i = 0; i < ALF_CALLS; i++) {
		rule = alf_next_rules(alf_pair(rule - ALF_GO_ON, bank), addresses, link, ports);
		if (rule < ALF_GO_ON)
			break;
	}
	if (rule == ALF_NOWHERE)
		return ALF_BROKEN;
	return rule == ALF_NO_RULE || rule >= ALF_GO_ON ? head->header.otherwise : alf_final(&head->header, rule - 1);
}

/* What the tree of a field says; fields that no rule looks at have a row and need no search. */
static __always_inline __u32 alf_search_other(const struct alf_image *image, __u32 field, __u32 key)
{
	__u32 ref = image->head->header.roots[field & (ALF_FIELDS - 1)].ref;

	if (alf_tag(ref) != ALF_ROW)
		ref = alf_search_field(image->bank, field, key);
	return alf_blur(image, ref);
}

/**
 * alf_match_fields - decides a packet whose source alone does not
 * @where: the image's bank in bit 0, whether the addresses are IPv6 in bit 1; what the source's tree said, ALF_ROW, in the
 *         upper half
 * @upper, @lower: the destination
 * @link: interface, protocol
 * @ports: source, destination
 *
 * A field may decide on its own, whatever the others say: when the first of the rules it leaves asks for nothing else.
 *
 * Return: a reference with the tag ALF_FINAL
 */
ALF_FUNCTION __u32 alf_match_fields(__u64 where, __u64 upper, __u64 lower, __u64 link, __u64 ports)
{
	__u32 bank = where & 1, v6 = where >> 1 & 1;
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };
	__u32 refs[1 + ALF_NUMBERS];

	if (!image.head)
		return ALF_BROKEN;
	refs[0] = alf_search_other(&image, ALF_DESTINATION4 + v6, upper >> 32);
	if (alf_tag(refs[0]) >= ALF_NEXT_LIST)
		refs[0] = alf_search_rest(bank, refs[0], upper, lower);
	refs[1] = alf_search_other(&image, ALF_INTERFACE, link >> 32);
	refs[2] = alf_search_other(&image, ALF_PROTOCOL, link);
	refs[3] = alf_search_other(&image, ALF_SOURCE_PORT, ports >> 32);
	refs[4] = alf_search_other(&image, ALF_DESTINATION_PORT, ports);
#pragma unroll
	for (int i = 0; i <= ALF_NUMBERS; i++)
		if (alf_tag(refs[i]) == ALF_FINAL)
			return refs[i];
	return alf_match_rows(bank, alf_pair(where >> 32, refs[0]), alf_pair(refs[1], refs[2]),
			      alf_pair(refs[3], refs[4]));
}

/**
 * alf_decide - judges a packet by a policy
 *
 * Return: a reference with the tag ALF_FINAL
 */
static __always_inline __u32 alf_decide(struct __sk_buff *skb, const struct alf_image *image,
					const struct alf_packet *packet)
{
	const struct alf_address *source = &packet->source, *destination = &packet->destination;
	__u32 ref = alf_search_first(image, ALF_SOURCE4 + source->v6, source->upper >> 32, source->upper);
	__u64 transport = 0;

	if (alf_tag(ref) == ALF_LIST)
		ref = alf_search_list(image, ref, source->upper >> 32);
	if (alf_tag(ref) >= ALF_NEXT_LIST)
		ref = alf_search_rest(image->bank, ref, source->upper, source->lower);
	if (alf_tag(ref) == ALF_FINAL)
		return ref;
	if (image->head->header.fields & ALF_TRANSPORT_FIELDS) {
		transport = alf_read_transport(skb, packet->ipv6, packet->header,
					       image->head->header.fields & ALF_PORT_FIELDS);
		if (transport == ALF_CUT_SHORT)
			return image->head->header.broken;
	}
	return alf_match_fields(alf_pair(ref, image->bank | destination->v6 << 1), destination->upper,
				destination->lower, alf_pair(skb->ifindex, transport >> 32),
				alf_pair(transport >> 16 & 0xffff, transport & 0xffff));
}

#endif
