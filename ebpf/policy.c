/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rule language as a socket filter: what packets a socket gets is decided by the image of a policy that user
 * space lays out (alf/policy.h) and can replace as a whole while packets arrive.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <alf/policy.h>
#include <alf/policy_match.h>

/** A filter's return value is how much of the packet to keep. */
#define ALF_KEEP	0xffffffffU
#define ALF_DROP	0

/* The pages of one image. Since Linux 5.10 (BPF_F_INNER_MAP) each generation may have another number of them. */
struct alf_pages {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(union alf_page));
};

/*
 * The policy in force. A packet looks here once, so it is judged by one generation from beginning to end. The update
 * of this one element is the swap; the kernel waits for packets that still see the old one before it returns.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct alf_pages);
} generation SEC(".maps");

/* Packets decided by each rule, in two banks; alf_header.counters names the bank in use. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ALF_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(const struct alf_header *header, __u32 decision)
{
	__u32 key = header->counters + (decision & ALF_FINAL_COUNTER);
	__u64 *packets = bpf_map_lookup_elem(&counters, &key);

	if (packets)
		(*packets)++;
}

/* Without a policy, or with one of another program's, everything is denied: there is no moment of being open. */
SEC("socket")
int filter(struct __sk_buff *skb)
{
	struct alf_packet packet = {};
	struct alf_image image;
	__u32 zero = 0, decision;

	image.pages = bpf_map_lookup_elem(&generation, &zero);
	if (!image.pages)
		return ALF_DROP;
	image.head = bpf_map_lookup_elem(image.pages, &zero);
	if (!image.head || image.head->header.abi != ALF_POLICY_ABI)
		return ALF_DROP;
	decision = image.head->header.broken;
	if (!alf_read_packet(skb, &packet))
		decision = alf_decide(skb, &image, &packet);
	count(&image.head->header, decision);
	return decision & ALF_FINAL_ALLOW ? ALF_KEEP : ALF_DROP;
}

char LICENSE[] SEC("license") = "GPL";
