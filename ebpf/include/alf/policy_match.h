/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_MATCH_H
#define ALF_POLICY_MATCH_H

/* From a packet to the rule that decides: the source alone if it can, else the first bit common to all fields. */

#include <alf/policy_packet.h>
#include <alf/policy_search.h>

/** Fields besides the source, in the order in which they are looked up. */
#define ALF_OTHER_FIELDS	(1 + ALF_NUMBERS)
#define ALF_NUMBERS		4

/** The words of a row are combined in groups. */
#define ALF_GROUP_WORDS		8
#define ALF_GROUPS		(ALF_ROW_WORDS / ALF_GROUP_WORDS)

/*
 * Number of the lowest bit set; `bits` is not 0. BPF has no instruction for it and clang 14 fails on the builtin. It is
 * the number of ones below that bit, added up in place: a jump here would cost the verifier 64 paths for each use.
 */
static __always_inline __u32 alf_lowest_bit(__u64 bits)
{
	bits = ~bits & (bits - 1);
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
 * struct alf_results - what the trees of all fields say
 * @words: which words of rules have a bit set in every row
 * @nowhere: not 0 if a row is nowhere
 * @refs: the source's result, then that of each other field: ALF_ROW
 */
struct alf_results {
	__u64 words;
	__u32 nowhere;
	__u32 refs[1 + ALF_OTHER_FIELDS];
};

/**
 * alf_common_bits - what all rows have in common in one of their words
 * @bank: the image's
 * @word: 0 for the summaries, 1 + n for word n
 *
 * Return: the bits; 0 if a row is nowhere
 */
__noinline __u64 alf_common_bits(__u32 bank, struct alf_results *results, __u32 word)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };
	__u64 bits = ~0ULL;

	if (!image.head || !results)
		return 0;
#pragma unroll
	for (int i = 0; i <= ALF_OTHER_FIELDS; i++) {
		const union alf_page *page = alf_page_of(&image, results->refs[i]);
		__u32 at = (results->refs[i] & (ALF_PAGE_CELLS - 1)) + word;

		if (!page || at >= ALF_PAGE_CELLS) {
			results->nowhere = 1;
			return 0;
		}
		bits &= page->bits[at];
	}
	return bits;
}

/**
 * alf_first_common - the first rule that every row still has, among the 512 of one group
 * @bank: the image's
 *
 * Return: the rule's number from 1 on, or 0 if there is none
 */
__noinline __u32 alf_first_common(__u32 bank, struct alf_results *results, __u32 group)
{
	__u32 word = (group & (ALF_GROUPS - 1)) * ALF_GROUP_WORDS;
	__u64 bits;

	if (!results)
		return 0;
#pragma unroll
	for (int i = 0; i < ALF_GROUP_WORDS; i++, word++) {
		/* Words that a summary rules out may not even be there. */
		if (!(results->words >> word & 1))
			continue;
		bits = alf_common_bits(bank, results, 1 + word);
		if (bits)
			return 1 + 64 * word + alf_lowest_bit(bits);
	}
	return 0;
}

/** struct alf_numbers - the keys of those fields that are small numbers, in the order of enum alf_field */
struct alf_numbers {
	__u32 interface;
	__u32 protocol;
	__u32 source_port;
	__u32 destination_port;
};

/**
 * alf_read_numbers - reads what the policy asks for; the others stay as they are
 * @bank: the image's
 *
 * Return: 0, or a negative number for a packet that is cut short
 */
__noinline int alf_read_numbers(struct __sk_buff *skb, const struct alf_packet *packet, __u32 bank,
				struct alf_numbers *numbers)
{
	const union alf_page *head = alf_head_of(bank);
	int protocol;
	__s64 ports;

	if (!head || !packet || !numbers)
		return -1;
	numbers->interface = skb->ifindex;
	if (!(head->header.fields & ALF_TRANSPORT_FIELDS))
		return 0;
	protocol = alf_read_protocol(skb, packet->ipv6, packet->next_header);
	if (protocol < 0)
		return -1;
	numbers->protocol = protocol;
	if (!(head->header.fields & ALF_PORT_FIELDS))
		return 0;
	ports = alf_read_ports(skb, protocol);
	if (ports < 0)
		return -1;
	numbers->source_port = ports >> 16;
	numbers->destination_port = ports & 0xffff;
	return 0;
}

/* What the tree of a field says; fields that no rule looks at have a row and need no search. */
static __always_inline __u32 alf_search_other(const struct alf_image *image, __u32 field, __u32 key, __u32 next)
{
	__u32 ref = image->head->header.roots[field & (ALF_FIELDS - 1)].ref;

	return alf_tag(ref) == ALF_ROW ? ref : alf_search_field(image->bank, field, key, next);
}

/**
 * alf_match_fields - decides a packet whose source alone does not
 * @bank: the image's
 * @source: what the source's tree said, ALF_ROW
 *
 * A field may decide on its own, whatever the others say: when the first of the rules it leaves asks for nothing else.
 *
 * Return: a reference with the tag ALF_FINAL
 */
__noinline __u32 alf_match_fields(const struct alf_packet *packet, const struct alf_numbers *numbers, __u32 bank,
				  __u32 source)
{
	struct alf_image image = { .bank = bank, .head = alf_head_of(bank) };
	struct alf_results results = { .refs = { source } };
	__u32 ref;

	if (!image.head || !packet || !numbers)
		return ALF_BROKEN;
	ref = alf_search_other(&image, ALF_DESTINATION4 + packet->destination.v6, packet->destination.words[0],
			       packet->destination.words[1]);
	if (alf_tag(ref) >= ALF_NEXT_LIST)
		ref = alf_search_word(bank, ref, packet->destination.words[1]);
	ref = alf_search_rest(bank, ref, packet->destination.words);
	if (alf_tag(ref) == ALF_FINAL)
		return ref;
	results.refs[1] = ref;
#pragma unroll
	for (int i = 0; i < ALF_NUMBERS; i++) {
		ref = alf_search_other(&image, ALF_INTERFACE + i, ((const __u32 *)numbers)[i], 0);
		if (alf_tag(ref) == ALF_FINAL)
			return ref;
		results.refs[2 + i] = ref;
	}
	results.words = alf_common_bits(bank, &results, 0);
#pragma unroll
	for (int group = 0; group < ALF_GROUPS; group++) {
		__u32 number;

		if (!(results.words >> (ALF_GROUP_WORDS * group) & ((1 << ALF_GROUP_WORDS) - 1)))
			continue;
		number = alf_first_common(bank, &results, group);
		if (number)
			return alf_final(&image.head->header, number - 1);
	}
	return results.nowhere ? ALF_BROKEN : image.head->header.otherwise;
}

/**
 * alf_decide - judges a packet by a policy
 *
 * Return: a reference with the tag ALF_FINAL
 */
static __always_inline __u32 alf_decide(struct __sk_buff *skb, const struct alf_image *image,
					const struct alf_packet *packet)
{
	struct alf_numbers numbers = {};
	__u32 source = alf_search_first(image, ALF_SOURCE4 + packet->source.v6, packet->source.words[0],
					packet->source.words[1]);

	if (alf_tag(source) == ALF_LIST)
		source = alf_search_list(image, source, packet->source.words[0]);
	if (alf_tag(source) >= ALF_NEXT_LIST)
		source = alf_search_word(image->bank, source, packet->source.words[1]);
	source = alf_search_rest(image->bank, source, packet->source.words);
	if (alf_tag(source) == ALF_FINAL)
		return source;
	if (alf_read_numbers(skb, packet, image->bank, &numbers))
		return ALF_BROKEN;
	return alf_match_fields(packet, &numbers, image->bank, source);
}

#endif
