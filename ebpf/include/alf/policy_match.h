/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_MATCH_H
#define ALF_POLICY_MATCH_H

/*
 * Finds the rule that decides a packet: by the source alone if possible, else the first bit common to all fields.
 *
 * The rows of all fields are passed to functions in three arguments, each with two rows. `addresses` has the row of the
 * source in the upper half and of the destination in the lower, `link` interface and protocol, `ports` source and
 * destination port. They are not in memory: Linux 7.1 and later track a pointer to the caller's stack through every
 * instruction of a function, which takes longer than its verification.
 */

#include <alf/policy_packet.h>
#include <alf/policy_search.h>

/*
 * Returns the number of the lowest bit set; `bits` is not 0. BPF has no instruction for it, and clang 14 fails on the
 * builtin. Counts the ones below that bit without a jump, which would cost the verifier 64 paths for each use.
 */
static __always_inline __u32 alf_lowest_bit(__u64 bits)
{
	bits = ~bits & (bits - 1);
	/* clang 18 recognizes the count below, and fails because BPF has no instruction for it. */
	barrier_var(bits);
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return bits * 0x0101010101010101 >> 56;
}

#define ALF_PORT_FIELDS		(1 << ALF_SOURCE_PORT | 1 << ALF_DESTINATION_PORT)
#define ALF_TRANSPORT_FIELDS	(1 << ALF_PROTOCOL | ALF_PORT_FIELDS)

static __always_inline __u64 alf_final(const struct alf_header *header, __u64 rule)
{
	__u64 word = rule >> 6 & (ALF_ROW_WORDS - 1);
	__u64 allow = header->allow[word] >> (rule & 63) & 1;

	return ALF_FINAL << ALF_TAG_SHIFT | (allow ? ALF_FINAL_ALLOW : 0) | (rule + 1);
}

/**
 * alf_row_bits - one word of a row
 * @where: the image's bank, and in the upper half the word: 0 is the summary, 1 + n is word n
 *
 * Return: the bits; 0 if the row does not exist. No row is empty, and words whose summary bit is 0 are not read.
 */
ALF_FUNCTION __u64 alf_row_bits(__u64 where, __u32 row)
{
	struct alf_image image = { .bank = (__u32)where, .head = alf_head_of((__u32)where) };
	__u32 cell = row + (where >> 32);
	const union alf_page *page;

	if (!image.head || !alf_find_page(&image, cell, &page))
		return 0;
	return page->bits[cell & (ALF_PAGE_CELLS - 1)];
}

/* The root of a field that no rule matches: the row of all rules. */
#define ALF_ANY			(ALF_ROW << ALF_TAG_SHIFT | (__builtin_offsetof(struct alf_header, any) / 8))

/* Clears the `bits` that a row does not have. Return: false if the row does not exist */
static __always_inline bool alf_and_row(__u64 where, __u32 row, __u64 *bits)
{
	__u64 of_row;

	if (row == ALF_ANY)
		return true;
	of_row = alf_row_bits(where, row);
	if (!of_row)
		return false;
	/* Otherwise clang moves later code before the check, and saves its results. */
	barrier_var(of_row);
	*bits &= of_row;
	return true;
}

/*
 * The result of a search: 1 + the rule; ALF_NO_RULE; more than ALF_MAX_RULES if a row does not exist. An unfinished
 * search returns ALF_GO_ON plus the number of the next word.
 */
#define ALF_NO_RULE		0U
#define ALF_NOWHERE		0xffffU
#define ALF_GO_ON		0x100000U

/**
 * alf_common_bit - the lowest bit that all rows have in one of their words
 * @where: the image's bank, and in the upper half the word: 0 is the summary, 1 + n is word n
 * @bits: mask of the bits to search
 *
 * Return: 1 + the bit's number, ALF_NO_RULE or ALF_NOWHERE
 */
ALF_FUNCTION __u64 alf_common_bit(__u64 where, __u64 bits, __u64 addresses, __u64 link, __u64 ports)
{
	if (alf_and_row(where, addresses >> 32, &bits) && alf_and_row(where, addresses, &bits) &&
	    alf_and_row(where, link >> 32, &bits) && alf_and_row(where, link, &bits) &&
	    alf_and_row(where, ports >> 32, &bits) && alf_and_row(where, ports, &bits)) {
		if (!bits)
			return ALF_NO_RULE;
		barrier_var(bits);
		return 1 + alf_lowest_bit(bits);
	}
	asm volatile("");
	return ALF_NOWHERE;
}

/**
 * alf_next_rule - the first rule that all rows have in the next word that all summaries have
 * @bank: the image's
 * @from: ALF_GO_ON plus the number of the first word
 *
 * Summaries may share a bit although the words do not: then the search continues.
 */
ALF_FUNCTION __u64 alf_next_rule(__u64 bank, __u64 from, __u64 addresses, __u64 link, __u64 ports)
{
	__u64 word, bit;

	if (from >= ALF_GO_ON + ALF_ROW_WORDS)
		return ALF_NO_RULE;
	word = alf_common_bit(bank, ~0ULL << (from & (ALF_ROW_WORDS - 1)), addresses, link, ports);
	if (word - 1 >= ALF_ROW_WORDS)
		return word;
	bit = alf_common_bit(word << 32 | bank, ~0ULL, addresses, link, ports);
	return bit ? 64 * (word - 1) + bit : ALF_GO_ON + word;
}

/** Calls on each level: three levels search all words. Few policies need more than one call. */
#define ALF_CALLS		4

_Static_assert(ALF_CALLS * ALF_CALLS * ALF_CALLS == ALF_ROW_WORDS, "three levels search all words");

/*
 * Repeats a function of the level below until a rule is found. With CAP_BPF alone verifiers lose count of the iterations of
 * a loop, and no other form searches all words in so few instructions.
 */
#define ALF_REPEAT(name, once)                                                                        \
	ALF_FUNCTION __u64 name(__u64 bank, __u64 from, __u64 addresses, __u64 link, __u64 ports)     \
	{                                                                                             \
		_Pragma("unroll") for (int i = 0; i < ALF_CALLS; i++) {                               \
			from = once(bank, from, addresses, link, ports);                              \
			if (from < ALF_GO_ON)                                                         \
				break;                                                                \
		}                                                                                     \
		return from;                                                                          \
	}

ALF_REPEAT(alf_next_rules, alf_next_rule)
ALF_REPEAT(alf_later_rules, alf_next_rules)
ALF_REPEAT(alf_all_rules, alf_later_rules)

/* Returns the decision of the first rule that all rows have; mostly the first call finds it. */
static __always_inline __u64 alf_match_rows(const struct alf_image *image, __u64 addresses, __u64 link, __u64 ports)
{
	__u64 rule = alf_next_rule(image->bank, ALF_GO_ON, addresses, link, ports);

	if (rule >= ALF_GO_ON)
		rule = alf_all_rules(image->bank, rule, addresses, link, ports);
	if (rule == ALF_NO_RULE)
		return image->head->header.otherwise;
	if (rule > ALF_MAX_RULES)
		return ALF_BROKEN;
	/* Otherwise clang drops the mask because of the check, whose bounds verifiers forget. */
	barrier_var(rule);
	return alf_final(&image->head->header, rule - 1);
}

static __always_inline bool alf_is_final(__u64 ref)
{
	return ref < 1 << ALF_TAG_SHIFT;
}

/**
 * alf_match_fields - decides a packet that its source alone does not decide
 * @where: the image's bank in bit 0; 1 in bit 1 if the destination is IPv6; the result of the source's tree, ALF_ROW, in
 *         the upper half
 * @upper, @lower: the destination
 * @interface: its index
 * @transport: the result of alf_read_transport
 *
 * A field decides alone if the first rule of its row asks for no other field.
 *
 * Return: a reference with the tag ALF_FINAL
 */
ALF_FUNCTION __u64 alf_match_fields(__u64 where, __u64 upper, __u64 lower, __u64 interface, __u64 transport)
{
	struct alf_image image = { .bank = where & 1, .head = alf_head_of(where & 1) };
	__u64 destination, protocol, source_port, destination_port;

	if (!image.head)
		return ALF_BROKEN;
	destination = alf_search_field(image.bank, ALF_DESTINATION4 + (where >> 1 & 1), upper >> 32);
	if (destination >> 31)	/* ALF_NEXT_* */
		destination = alf_search_rest(image.bank, destination, upper, lower);
	destination = alf_blur(image.head, destination);
	if (alf_is_final(destination))
		return destination;
	interface = alf_search_field(image.bank, ALF_INTERFACE, interface);
	if (alf_is_final(interface))
		return interface;
	protocol = alf_search_field(image.bank, ALF_PROTOCOL, transport >> 32);
	if (alf_is_final(protocol))
		return protocol;
	source_port = alf_search_field(image.bank, ALF_SOURCE_PORT, transport >> 16 & 0xffff);
	if (alf_is_final(source_port))
		return source_port;
	destination_port = alf_search_field(image.bank, ALF_DESTINATION_PORT, transport & 0xffff);
	if (alf_is_final(destination_port))
		return destination_port;
	return alf_match_rows(&image, where >> 32 << 32 | destination, interface << 32 | protocol,
			      source_port << 32 | destination_port);
}

/**
 * alf_decide - decides a packet by a policy
 *
 * Return: a reference with the tag ALF_FINAL
 */
static __always_inline __u64 alf_decide(struct __sk_buff *skb, const struct alf_image *image,
					const struct alf_packet *packet)
{
	const struct alf_address *source = &packet->source, *destination = &packet->destination;
	__u64 ref = alf_blur(image->head, alf_search_source(image, ALF_SOURCE4 + source->v6, source->upper));
	__u64 transport = 0;

	if (alf_tag(ref) == ALF_LIST)
		ref = alf_search_list(image->bank, ref, source->upper >> 32);
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
	return alf_match_fields(ref << 32 | image->bank | destination->v6 << 1, destination->upper, destination->lower,
				skb->ifindex, transport);
}

#endif
