/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_MATCH_H
#define ALF_POLICY_MATCH_H

/* From a packet to the rule that decides: the source alone if it can, else the first bit common to all fields. */

#include <alf/policy_packet.h>
#include <alf/policy_search.h>

/** Fields besides the source, in the order in which they are looked up. */
#define ALF_OTHER_FIELDS	5

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

/*
 * The row of a field's result. One way for all fields, those that no rule looks at included: the verifier follows every
 * combination of ways.
 */
static __always_inline const __u64 *alf_row(const struct alf_image *image, __u32 ref)
{
	const union alf_page *page;
	__u32 at = ref & (ALF_PAGE_CELLS - 1);

	/* Rows begin where a full one still fits: the check tells the verifier so. */
	if (at > ALF_PAGE_CELLS - (1 + ALF_ROW_WORDS))
		return 0;
	page = alf_page_of(image, ref);
	if (!page)
		return 0;
	/* Else clang adds before it asks for NULL, which the verifier refuses. */
	barrier_var(page);
	return &page->bits[at];
}

/* The two families of an address are two trees, one behind the other in enum alf_field. */
static __always_inline __u32 alf_search_address(const struct alf_image *image, enum alf_field v4,
						const struct alf_address *address)
{
	const struct alf_root *roots = image->head->header.roots;

	if (address->v4)
		return alf_search_large(image, &roots[v4], address->words[0]);
	return alf_search_long(image, &roots[v4 + 1], address->words);
}

static __noinline __u32 alf_search_destination(const struct alf_image *image, const struct alf_address *destination)
{
	return alf_search_address(image, ALF_DESTINATION4, destination);
}

static __noinline __u32 alf_search_number(const struct alf_image *image, const struct alf_root *root, __u32 number)
{
	return alf_search(image, root, number);
}

/*
 * The first rule that every row still has.
 *
 * Written out in full instead of as a loop: the words are then at constant offsets, which spares the verifier the
 * speculative paths of 6 × 64 variable ones. Words and groups of eight that the summaries rule out are stepped over.
 */
static __always_inline __u32 alf_first_common(const struct alf_header *header,
					      const __u64 *const rows[1 + ALF_OTHER_FIELDS])
{
	__u64 summary = rows[0][0];

	for (int i = 1; i <= ALF_OTHER_FIELDS; i++)
		summary &= rows[i][0];
#pragma unroll
	for (int group = 0; group < ALF_ROW_WORDS / 8; group++) {
		if (!(summary >> (8 * group) & 0xff))
			continue;
#pragma unroll
		for (int word = 8 * group; word < 8 * group + 8; word++) {
			__u64 bits = ~0ULL;
			__u32 rule;

			if (!(summary >> word & 1))
				continue;
			for (int i = 0; i <= ALF_OTHER_FIELDS; i++)
				bits &= rows[i][1 + word];
			if (!bits)
				continue;
			/* Not a constant, or the verifier follows each of 64 to the end. */
			rule = (64 * word) ^ header->zero;
			barrier_var(rule);
			return alf_final(header, rule + alf_lowest_bit(bits));
		}
	}
	return header->otherwise;
}

/**
 * alf_match_fields - decides a packet whose source alone does not
 * @source: what the source's tree said, ALF_ROW
 *
 * A field may decide on its own, whatever the others say: when the first of the rules it leaves asks for nothing else.
 */
static __noinline __u32 alf_match_fields(struct __sk_buff *skb, const struct alf_image *image,
					 const struct alf_packet *packet, __u32 source)
{
	const struct alf_header *header = &image->head->header;
	const __u64 *rows[1 + ALF_OTHER_FIELDS];
	__u32 numbers[ALF_OTHER_FIELDS] = {};
	__s64 ports = 0;
	int protocol = 0;

	if (header->fields & ALF_TRANSPORT_FIELDS)
		protocol = alf_read_protocol(skb, packet);
	if (header->fields & ALF_PORT_FIELDS)
		ports = alf_read_ports(skb, protocol);
	if (protocol < 0 || ports < 0)
		return header->broken;
	numbers[1] = alf_blur(image, skb->ifindex);
	numbers[2] = alf_blur(image, protocol);
	numbers[3] = alf_blur(image, ports >> 16);
	numbers[4] = alf_blur(image, ports & 0xffff);
	rows[0] = alf_row(image, source);
	if (!rows[0])
		return header->broken;
#pragma unroll
	for (int i = 0; i < ALF_OTHER_FIELDS; i++) {
		__u32 ref = i == 0 ? alf_search_destination(image, &packet->destination) :
				     alf_search_number(image, &header->roots[ALF_INTERFACE - 1 + i], numbers[i]);

		if (alf_tag(ref) == ALF_FINAL)
			return ref;
		rows[1 + i] = alf_row(image, ref);
		if (!rows[1 + i])
			return header->broken;
	}
	return alf_first_common(header, rows);
}

/**
 * alf_decide - judges a packet by a policy
 *
 * Return: a reference with the tag ALF_FINAL
 */
static __always_inline __u32 alf_decide(struct __sk_buff *skb, const struct alf_image *image,
					const struct alf_packet *packet)
{
	__u32 source = alf_search_address(image, ALF_SOURCE4, &packet->source);

	return alf_tag(source) == ALF_FINAL ? source : alf_match_fields(skb, image, packet, source);
}

#endif
